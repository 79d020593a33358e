"""A line of JSON per accepted text, written together every 50 ms: a simulator that is killed loses no more than that."""

import asyncio
import os
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path

FLUSH_SECONDS = 0.05


class RequestLog:
    """Appends to a file; without a path it keeps nothing."""

    def __init__(self, path: Path | None, loop: asyncio.AbstractEventLoop) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if path else -1
        self._loop = loop
        self._lines: list[str] = []

    def add(self, at: float, number: str, sender: str, sid: str, callback: str, text: str) -> None:
        """Note an accepted text."""
        if self._file < 0:
            return
        if not self._lines:
            self._loop.call_later(FLUSH_SECONDS, self.flush)
        reference = callback.partition("?ref=")[2]
        self._lines.append(
            f'{{"time":{at:.4f},"number":{quoted(number)},"sender":{quoted(sender)},"sid":"{sid}","reference":{quoted(reference)}'
            f',"callback":{quoted(callback)},"body":{quoted(text)}}}\n'
        )

    def flush(self) -> None:
        """Write what is waiting."""
        if self._lines and self._file >= 0:
            lines, self._lines = self._lines, []
            left = "".join(lines).encode()
            while left:
                left = left[os.write(self._file, left) :]

    def close(self) -> None:
        """Write the rest and let go of the file."""
        self.flush()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
