"""What the services of contacts refuse, with a sentence for people."""

from typing import Any


class ContactsError(Exception):
    """A change that cannot be made. `field` names the form field to blame, if there is one."""

    def __init__(self, code: str, message: Any, field: str | None = None) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.field = field
