"""What was done, said once: a toast, with Undo where there is a way back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest


def say(request: HttpRequest, words: Any, *, undo: str = "") -> None:
    """Done."""
    messages.success(request, words, extra_tags=f"undo={undo}" if undo else "")


def warn(request: HttpRequest, words: Any) -> None:
    """Not done, and why."""
    messages.warning(request, words)
