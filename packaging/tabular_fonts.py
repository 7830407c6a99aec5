"""Make the fonts of `resources/fonts` from Inter's own: figures of one width, and text that a PDF file gives back.

    python packaging/tabular_fonts.py Inter-Regular.otf Inter-SemiBold.otf Inter-Bold.otf

Inter has its figures of one width, and its brackets beside capitals, as alternates that a shaping engine puts in
place. Their code points are private, and it is these that Qt writes into a PDF file: a copied command has no figures.
Here the figures of one width take the places of the others, and nothing is put in place of anything. Needs fonttools.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent.parent / "resources" / "fonts"
PRIVATE = range(0xE000, 0xF900)


def make_tabular(font: TTFont) -> None:
    """Give a font's figures and signs between them one width, and drop its table of substitutions."""
    alternates = dict(substitutions(font, "tnum"))
    for table in font["cmap"].tables:
        kept = {code: name for code, name in table.cmap.items() if code not in PRIVATE}
        table.cmap = {code: alternates.get(name, name) for code, name in kept.items()}
    del font["GSUB"]


def substitutions(font: TTFont, feature: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs of glyphs, by their names, of a feature that puts one in the place of the other."""
    table = font["GSUB"].table
    named = [one.Feature for one in table.FeatureList.FeatureRecord if one.FeatureTag == feature]
    for index in sorted({index for one in named for index in one.LookupListIndex}):
        for part in table.LookupList.Lookup[index].SubTable:
            yield from getattr(part, "ExtSubTable", part).mapping.items()


def main(paths: Sequence[str]) -> None:
    """Write each font, changed, into `resources/fonts`."""
    for path in paths:
        font = TTFont(path, recalcTimestamp=False)
        make_tabular(font)
        font.save(FONTS / Path(path).name)


if __name__ == "__main__":
    main(sys.argv[1:])
