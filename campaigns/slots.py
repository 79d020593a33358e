"""What upper apps add to pages of campaigns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.models import SmsTemplate
from smsapp.common.registry import Slot


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """Something that uses a template, such as a workflow: its name, where its page is, what kind of thing it is."""

    name: str
    url: str
    what: Any
    version: int | None = None  # of the template; None: always the newest


@dataclass(frozen=True, slots=True)
class Cause:
    """Why nothing moves, and how to mend it: sentences in the reader's language."""

    what: str
    cure: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Who knows how the console itself runs: the permission of those who mend it, what they should look at, and the page that has all of it."""

    permission: str
    causes: Callable[[], Sequence[Cause]]
    url_name: str


watch: Slot[Watch] = Slot()

# callable(template) -> what uses it, newest first, at most a dozen; a template with any is kept
template_uses: Slot[Callable[[SmsTemplate], Sequence[TemplateUse]]] = Slot()
