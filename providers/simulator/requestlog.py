"""A line of JSON per accepted text, written together every 50 ms: a simulator that is killed loses no more than that."""

import asyncio
import os
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path

from providers.simulator.gateway import Text

FLUSH_SECONDS = 0.05


class RequestLog:
    """Appends to a file; without a path it keeps nothing."""

    def __init__(self, path: Path | None, loop: asyncio.AbstractEventLoop) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if path else -1
        self._loop = loop
        self._texts: list[Text] = []

    def add(self, text: Text) -> None:
        """Note an accepted text."""
        if self._file < 0:
            return
        if not self._texts:
            self._loop.call_later(FLUSH_SECONDS, self.flush)
        self._texts.append(text)

    def flush(self) -> None:
        """Write what is waiting."""
        if self._texts and self._file >= 0:
            texts, self._texts = self._texts, []
            left = "".join([_line(text) for text in texts]).encode()
            while left:
                left = left[os.write(self._file, left) :]

    def close(self) -> None:
        """Write the rest and let go of the file."""
        self.flush()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _line(text: Text) -> str:
    callback = text.callback
    return (
        f'{{"time":{text.at:.4f},"number":{quoted(text.number)},"sender":{quoted(text.sender)},"sid":"{text.sid}"'
        f',"reference":{quoted(callback.partition("?ref=")[2])},"callback":{quoted(callback)},"body":{quoted(text.body)}}}\n'
    )
