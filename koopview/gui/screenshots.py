"""Pictures of all that the window shows, in light and dark, for people who look whether all is well."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from koopview.arguments import WindowOptions
from koopview.files import write_whole
from koopview.gui.displays import draw_without_display
from koopview.gui.files.export import png
from koopview.gui.looks.pens import lines_times
from koopview.gui.own_examples import own_studies
from koopview.gui.picture_plan import PLAN, SIZES, Pictures, Shot
from koopview.gui.picturing import drawn, opened, rest, shown
from koopview.gui.window import MainWindow

README_SIZE = (1440, 900)
Say = Callable[[str], None]


def take_all(folder: Path, say: Say = print) -> list[Path]:
    """Draw all that the window shows into PNG files of `folder`, which is created; return their paths.

    Raises
    ------
    FileError
        If a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    with TemporaryDirectory() as place:
        own = own_studies(Path(place))
        for study, shots in PLAN.items():
            options = WindowOptions(own[study]) if study in own else WindowOptions(demo=study or None)
            window = shown(replace(options, theme=shots[0].theme, size=(1280, 800)), opens=bool(study))
            for name, image in _pictures(window, shots):
                written.append(folder / f"{study or 'nothing'}-{name}.png")
                write_whole(written[-1], png(image), "picture")
                say(f"{written[-1]}")
            window.close()
    return written


def take_readme(path: Path) -> None:
    """Draw the README's picture: the built-in study in light; raises FileError."""
    window = opened("yinyang", "light")
    window.resize(*README_SIZE)
    rest()
    write_whole(path, png(drawn(window, 1.0)), "picture")
    window.close()


def _pictures(window: MainWindow, shots: Sequence[Shot]) -> Pictures:
    for shot in shots:
        width, height, sharpness = SIZES[shot.size]
        with lines_times(sharpness):  # the plots' lines are as thick as on a screen of that sharpness
            window.appearance.choose(shot.theme)
            window.resize(width, height)
            rest()
            for part in shot.parts:
                for name, picture in part(window, sharpness):
                    yield f"{shot.theme}-{shot.size}-{name}", picture


def main(arguments: Sequence[str]) -> int:
    """Draw everything into the folder given, or, with ``--readme FILE``, only the README's picture."""
    parser = ArgumentParser("python -m koopview.gui.screenshots", description=__doc__)
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="folder that all pictures go into")
    wanted.add_argument("--readme", type=Path, metavar="FILE", help="draw the README's picture alone, into this file")
    options = parser.parse_args(arguments)
    draw_without_display()
    if options.readme is not None:
        take_readme(options.readme)
    else:
        take_all(options.folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
