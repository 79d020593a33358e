"""The table of static files, read once per process: each test client builds the middleware anew, and reading took a third of its time."""

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware


def install() -> None:
    """From now on; files that appear later are not seen."""
    read = WhiteNoiseMiddleware.add_files_from_finders
    known: dict[str, Any] = {}

    def add_files_from_finders(middleware: Any) -> None:
        if not known:
            read(middleware)
            known.update(middleware.files)
        middleware.files.update(known)

    WhiteNoiseMiddleware.add_files_from_finders = add_files_from_finders  # type: ignore[method-assign]
