"""What mailings know of a contact, as questions of searches and smart groups."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Mailing, Message
from campaigns.statuses import LAUNCHED, MessageStatus
from contacts.smart import criteria
from contacts.smart.asking import Theirs
from contacts.smart.choices import Rows
from contacts.smart.comparisons import Comparison
from contacts.smart.criteria import At, Question

Status = MessageStatus
MAILING, CAMPAIGN = "mailing", "campaign"
MOST_OFFERED = 300  # of the newest mailings; older ones stay in rules that have them
REACHED = (Status.SENT, Status.DELIVERED, Status.UNKNOWN)  # left, and nobody said that it did not arrive
OUTCOMES: dict[str, tuple[MessageStatus, ...]] = {
    "received": REACHED,
    "delivered": (Status.DELIVERED,),
    "failed": (Status.FAILED, Status.UNDELIVERED),
    "recipient": tuple(Status),
}


def comparisons(value: Rows) -> tuple[Comparison, ...]:
    """What can have become of a text."""
    return (
        Comparison("received", _("received one of"), _("received %(value)s"), value),
        Comparison("not_received", _("did not receive any of"), _("did not receive %(value)s"), value),
        Comparison("delivered", _("has one delivered of"), _("%(value)s was delivered"), value),
        Comparison("not_delivered", _("has none delivered of"), _("%(value)s was not delivered"), value),
        Comparison("failed", _("one failed of"), _("%(value)s failed"), value),
        Comparison("recipient", _("is a recipient of"), _("is a recipient of %(value)s"), value),
    )


class TextOf(Question):
    """A text of a mailing, or of any mailing of a campaign. A text that was sent again is read by its first try."""

    category, of_texts = _("Mailings"), True

    def __init__(self, name: str, label: Any, value: Rows, path: str) -> None:
        self.name, self.label, self._path = name, label, path
        self.comparisons = comparisons(value)

    def condition(self, comparison: str, value: Any, at: At) -> Q:
        found = self.fits(comparison.removeprefix("not_"), value, at)
        return ~found if comparison.startswith("not_") else found

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        outcome = {} if comparison == "recipient" else {"status__in": OUTCOMES[comparison]}
        return Q(Theirs(Message.objects.filter(again_of__isnull=True, **{self._path: value}, **outcome)))


def mailings() -> Iterable[tuple[str, Any]]:
    """The newest ones that were launched and whose recipients are still kept."""
    newest = Mailing.objects.filter(status__in=LAUNCHED, purged_at=None).order_by("-id")[:MOST_OFFERED]
    return [(str(mailing.pk), _named(mailing)) for mailing in newest.only("name", "started_at", "purged_at")]


def mailing_names(ids: Sequence[int]) -> dict[int, str]:
    """Of the mailings that exist."""
    return {mailing.pk: _named(mailing) for mailing in Mailing.objects.filter(id__in=ids).only("name", "started_at", "purged_at")}


def _named(mailing: Mailing) -> str:
    began = f" ({formats.date_format(timezone.localtime(mailing.started_at), 'SHORT_DATE_FORMAT')})" if mailing.started_at else ""
    return f"{mailing.name}{began}{_gone() if mailing.purged_at else ''}"


def _gone() -> str:
    return " – " + gettext("recipients no longer kept")


def campaigns() -> Iterable[tuple[str, Any]]:
    """All of them, by name."""
    return [(str(id_), name) for id_, name in _with_gaps(Campaign.objects.order_by("name")).items()]


def campaign_names(ids: Sequence[int]) -> dict[int, str]:
    """Of the campaigns that exist."""
    return _with_gaps(Campaign.objects.filter(id__in=ids))


def _with_gaps(campaigns: QuerySet[Campaign]) -> dict[int, str]:
    """Names, saying of which campaigns some recipients are gone: "did not receive" would find them."""
    gone = set(Mailing.objects.filter(campaign__isnull=False, purged_at__isnull=False).values_list("campaign", flat=True))
    return {id_: name + " – " + gettext("some recipients no longer kept") if id_ in gone else name for id_, name in campaigns.values_list("id", "name")}


def register() -> None:
    """Called once, with everything else that campaigns adds to contacts."""
    of_mailing = TextOf("mailing", _("Mailing"), Rows(MAILING, mailings, none=_("Choose at least one mailing.")), "mailing_id__in")
    of_campaign = TextOf("campaign", _("Campaign"), Rows(CAMPAIGN, campaigns, none=_("Choose at least one campaign.")), "mailing__campaign__in")
    for question in (of_mailing, of_campaign):
        criteria.questions.register(question.name, question, order=50)
    criteria.references.register(MAILING, mailing_names)
    criteria.references.register(CAMPAIGN, campaign_names)
