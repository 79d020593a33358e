"""What is wrong with a whole file."""

from typing import Any

from smsapp.common import sentences


class FileProblem(Exception):
    """The file cannot be imported at all: a code and a sentence that says what to do."""

    def __init__(self, code: str, message: Any, row: int | None = None) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = sentences.of(message)
        self.row = row
