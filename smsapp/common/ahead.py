"""An iterator that is read ahead in a thread, so that work in Python goes on while its reader waits for the database."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Queue
from threading import Thread
from typing import Any, TypeVar

from django.utils import timezone, translation

T = TypeVar("T")


@contextmanager
def ahead(items: Iterator[T], most: int) -> Iterator[Iterator[T]]:
    """What `items` gives, made in a thread at most so many ahead of the reader, in the language and zone of who asks.

    A failure is raised where its item would be read. When the block is left, in whatever way, the thread has ended.
    """
    made: Queue[tuple[str, Any]] = Queue(most)
    language, zone = translation.get_language(), timezone.get_current_timezone()  # each thread has its own
    wanted = True

    def make() -> None:
        try:
            with translation.override(language), timezone.override(zone):
                for item in items:
                    made.put(("item", item))
                    if not wanted:
                        return
            made.put(("end", None))
        except Exception as problem:
            made.put(("problem", problem))

    thread = Thread(target=make, daemon=True)
    thread.start()
    try:
        yield _read(made)
    finally:
        wanted = False
        while thread.is_alive():  # it may wait for room
            with suppress(Empty):
                made.get(timeout=0.01)


def _read(made: "Queue[tuple[str, Any]]") -> Iterator[Any]:
    while True:
        what, value = made.get()
        if what == "problem":
            raise value
        if what == "end":
            return
        yield value
