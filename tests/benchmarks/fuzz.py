"""Open many spoilt files of every kind: fuzz.py [COUNT] [SEED] [FOLDER]; exit 1 if any did what no file may.

What was found is kept in FOLDER under its number.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fuzzing.campaign import campaign
from fuzzing.mutations import spoilt
from fuzzing.seeds import seeds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=20_000)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("folder", type=Path, nargs="?", default=None)
    options = parser.parse_args()
    count, seed, folder = options.count, options.seed, options.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()

    def told(done, outcomes):
        if done % 500 == 0:
            print(f"{done:6,} files, {time.perf_counter() - began:5.0f} s", file=sys.stderr, flush=True)

    outcomes, found = campaign(seeds(), count, seed, folder, spoilt, told)
    names = sorted({name for name, _ in outcomes})
    for name in names:
        row = "  ".join(f"{kind} {outcomes[(name, kind)]:5,}" for kind in ("opened", "refused", "other"))
        print(f"{name:28} {row}")
    for one in found:
        print(f"{one.number:6} {one.name}: {one.what}")
    print(f"{count:,} files, seed {seed}: {len(found)} found, in {folder}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
