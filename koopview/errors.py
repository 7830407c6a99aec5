"""The errors shown to a person, each with one sentence that says what was expected."""


class KoopViewError(Exception):
    """Base of all errors whose text is one sentence meant for a person.

    `options` are command-line options that solve it; only the command line mentions them.
    """

    def __init__(self, sentence: str, *options: str) -> None:
        super().__init__(sentence)
        self.options = options


class InputError(KoopViewError, ValueError):
    """A setting, an option or an array that does not fit."""


class MemoryShort(InputError):  # noqa: N818 - said of work, as Cancelled is
    """Work that would take more memory than is free."""


class EditRefused(InputError):  # noqa: N818 - said of an edit, as Cancelled is of work
    """An edit of modes whose effect is much larger than the change asked for."""


class FileError(KoopViewError, OSError):
    """A file or folder that cannot be read, written or trusted."""


class Cancelled(Exception):  # noqa: N818 - not an error: the person asked for it
    """Raised by a progress callback to stop the work that called it."""
