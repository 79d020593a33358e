"""What upper apps add to pages of campaigns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.columns import Column
from campaigns.models import Campaign, Mailing, SmsTemplate
from campaigns.wording import State
from contacts.audience import Ids
from contacts.eligibility import Reason
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


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a mailing comes from that no person made: what that is, its name and page, where it stands (see campaigns.wording.State), and what is held up
    while the mailing waits."""

    what: Any
    name: Any
    url: str = ""
    state: Any = None
    held_up: Any = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """Things of an upper app that are filed under a campaign: what they are, some of them as (name, address, state), and a page that has all."""

    title: Any
    rows: Sequence[tuple[str, str, State]]
    url: str
    all_of_them: Any


@dataclass(frozen=True, slots=True)
class Home:
    """The page on which the author of a text goes on; the pages above it as (name, address), outermost first; its place in the menu."""

    url: str
    above: Sequence[tuple[Any, str]] = ()
    section: str = ""  # the url name


watch: Slot[Watch] = Slot()

# callable(campaign, who looks) -> what is filed under it; None for nothing, or for who may not see it
filed: Slot[Callable[[Campaign, Any], Filed | None]] = Slot()

# callable(ids of Mailing.population) -> queries of contact ids; registered by whoever makes mailings of populations
populations: Slot[Callable[[Sequence[int]], list[Ids]]] = Slot()

# callable(mailing) -> columns that its texts may name besides, of a mailing that was made of a population, or that holds the text for such ones
columns: Slot[Callable[[Mailing], Sequence[Column]]] = Slot()

# callable(mailing that holds a text) -> the population that came to it last, None before there is any
last_populations: Slot[Callable[[Mailing], int | None]] = Slot()

# callable(mailing that holds a text) -> where it belongs; None when nobody knows
content_homes: Slot[Callable[[Mailing], Home | None]] = Slot()

# callable(mailing that holds a text) -> address of the page that has its sends and figures; "" when nobody knows it
content_pages: Slot[Callable[[Mailing], str]] = Slot()

# callable(mailing) -> where it comes from, outermost first; empty for a mailing of a person's
origins: Slot[Callable[[Mailing], Sequence[Origin]]] = Slot()

# callable(mailing) -> reasons to leave somebody out of it that only whoever made it knows
reasons: Slot[Callable[[Mailing], Sequence[Reason]]] = Slot()

# callable(template) -> what uses it, newest first, at most a dozen; a template with any is kept
template_uses: Slot[Callable[[SmsTemplate], Sequence[TemplateUse]]] = Slot()
