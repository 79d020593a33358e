"""What a prepared mailing would send: its plan on the terms of today, and the day that its texts name."""

from datetime import datetime

from django.utils.translation import gettext as _

from campaigns import tokens
from campaigns.models import Mailing
from campaigns.plans import Plan
from campaigns.services.errors import CampaignError
from campaigns.texts import Texts
from campaigns.vocabulary import Occasion


def check_day(row: Mailing, at: datetime | None, *, recount: bool) -> None:
    """Texts that name their day go on that day, and no other: what was approved is what is sent. With `recount` they are written once more then."""
    if recount or not names_its_day(row):
        return
    said, goes = Occasion.of(row).day, Occasion(at=at).day
    if said != goes:
        days = {"said": tokens.written(said), "goes": tokens.written(goes)}
        words = _("The texts say %(said)s for {mailing.date}, but would go on %(goes)s. Write the day itself, or send on the day of the plan.")
        cure = _("Recalculated at send time, they are written once more with its day.") if at else _("Made anew, the plan is of today.")
        raise CampaignError("other_day", f"{words % days} {cure}")


def names_its_day(row: Mailing) -> bool:
    """Whether some text says on which day it goes."""
    return any("mailing.date" in tokens.find(text) for text in Texts.of(row).all.values())


def plan_of(row: Mailing) -> Plan | None:
    """The plan of a prepared mailing, with what its provider asks now; None when an earlier version of the console made none."""
    plan, provider = Plan.read(row.plan), row.provider
    return plan.on_terms(provider.price_per_segment, provider.currency, provider.pace) if plan and provider else plan
