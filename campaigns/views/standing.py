"""What the page of a mailing says where nothing moves: since when, and what this reader can do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from campaigns import slots
from campaigns.models import Mailing
from campaigns.services import standstill
from campaigns.slots import Cause


@dataclass(frozen=True, slots=True)
class Still:
    """Since when, and for those who can mend it why, with the page that has more; the others tell them."""

    since: datetime
    causes: Sequence[Cause] = ()
    url: str = ""


def of(mailing: Mailing, user: Any, now: datetime) -> Still | None:
    """None while it moves, or waits for a good reason. Causes are asked for by those alone who can mend them."""
    since = standstill.since(mailing, now)
    if since is None:
        return None
    mine = [watch for watch in slots.watch if user.has_perm(watch.permission)]
    return Still(since, [cause for watch in mine for cause in watch.causes()], reverse(mine[0].url_name) if mine else "")
