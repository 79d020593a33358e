"""What a person is told when a workflow cannot do what was asked."""

from typing import Any


class WorkflowError(Exception):
    """An action that cannot be done: a code for programs, a sentence for people that says what to do; `step` is to blame, if one is."""

    def __init__(self, code: str, message: Any, step: str = "") -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.step = step
