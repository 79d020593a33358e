"""Static files in tests: their table is read once per process, for each test client builds the middleware anew, which took a third of its time; and the
live server leaves them to that middleware, so that browsers may keep them: Django's own handler looks for each of them again at each page."""

from typing import Any

from django.contrib.staticfiles.handlers import StaticFilesHandlerMixin
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
    StaticFilesHandlerMixin._should_handle = lambda handler, path: False  # type: ignore[method-assign,assignment]
