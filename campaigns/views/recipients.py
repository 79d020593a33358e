"""The numbers of a one-off text: what a person chose, what may be texted, what a search suggests."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import wording
from campaigns.models import Message
from campaigns.services import quick_send, routes
from campaigns.wizard.picker import id_in
from contacts import eligibility, filters, selection
from contacts.models import Contact, PhoneNumber
from contacts.models.contact import ContactQuerySet
from contacts.smart import finding
from providers.models import Provider

SUGGESTIONS = 10
PEOPLE_SEARCHED = 40


class Suggested(NamedTuple):
    """The first numbers of a search, and whether there are more."""

    numbers: list[PhoneNumber] = []
    more: bool = False


@dataclass(slots=True)
class Recipients:
    """Chosen numbers that can be texted, and chosen people who cannot, by reason."""

    numbers: list[PhoneNumber] = field(default_factory=list)
    left_out: list[tuple[str, Any, list[Contact]]] = field(default_factory=list)  # code, words, people
    too_many: bool = False

    @property
    def left_out_total(self) -> int:
        """People who get no text."""
        return sum(len(people) for _code, _words, people in self.left_out)

    @property
    def total(self) -> int:
        """Everybody chosen."""
        return len(self.numbers) + self.left_out_total

    @property
    def opted_out(self) -> list[Contact]:
        """People who want no advertising; a text about their own affairs is allowed."""
        return [row.contact for row in self.numbers if row.contact.opted_out]

    @property
    def pairs(self) -> list[tuple[int, str]]:
        """(contact id, number), as the service wants them."""
        return [(row.contact_id, row.number) for row in self.numbers]

    @property
    def ids(self) -> set[int]:
        """Ids of the numbers."""
        return {row.pk for row in self.numbers}


def of_contacts(contacts: ContactQuerySet) -> Recipients:
    """Each chosen contact with the number that would be texted."""
    plan = quick_send.plan(contacts)
    wanted = {(contact.pk, number) for contact, number in plan.textable}
    rows = PhoneNumber.objects.filter(contact_id__in=[contact for contact, _number in wanted]).select_related("contact").order_by("contact__sort_name", "id")
    return Recipients(
        numbers=[row for row in rows if (row.contact_id, row.number) in wanted],
        left_out=_worded(plan.left_out),
        too_many=plan.total > quick_send.MOST_AT_ONCE,
    )


def of_numbers(number_ids: Sequence[int], left: ContactQuerySet, user: Any) -> Recipients:
    """What a form sent back, judged again; `left` are people of whom it already said that they get no text."""
    visible = selection.visible_to(user)
    rows = PhoneNumber.objects.filter(id__in=number_ids, contact__in=visible).select_related("contact").order_by("contact__sort_name", "id")
    refused: dict[str, list[Contact]] = {code: list(people) for code, people in quick_send.plan(left).left_out.items()} if left else {}
    good, seen = [], set[str]()
    for row in eligibility.judge_numbers(rows, marketing=False):
        reason = row.reason or ("duplicate_number" if row.number in seen else "")
        if reason:
            refused.setdefault(reason, []).append(row.contact)
            continue
        seen.add(row.number)
        good.append(row)
    return Recipients(good, _worded(refused), too_many=len(number_ids) > quick_send.MOST_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Refused:
    """Chosen numbers that the chosen provider may not text, with one reason."""

    words: str
    rows: list[PhoneNumber]


def provider_of(origin: str) -> Provider | None:
    """The active provider of a choice "id:sender"."""
    return Provider.objects.active().filter(id=id_in(origin.partition(":")[0])).first()


def refused_by(provider: Provider | None, rows: Sequence[PhoneNumber]) -> list[Refused]:
    """What `quick_send.queue` would refuse on account of the provider, said beforehand."""
    found: dict[str, list[PhoneNumber]] = {}
    refusal = routes.refusal_of(provider, Message.Kind.ONE_OFF) if provider else None
    for row in rows:
        if refusal and (reason := refusal(row.number)):
            found.setdefault(reason, []).append(row)
    return [Refused(_refusal(reason, len(which)) % {"provider": provider, "n": len(which)}, which) for reason, which in _by_volume(found)]


def _refusal(reason: str, n: int) -> str:
    if reason == "fictional_number":
        return ngettext("%(provider)s cannot text this number, which is one for examples:", "%(provider)s cannot text these %(n)s numbers for examples:", n)
    return ngettext(
        "%(provider)s may not text this number, for its country is not among the allowed ones:",
        "%(provider)s may not text these %(n)s numbers, for their countries are not among the allowed ones:", n,
    )  # fmt: skip


def _worded(refused: dict[str, list[Contact]]) -> list[tuple[str, Any, list[Contact]]]:
    words = {"duplicate_number": _("Somebody else chosen here has the same number")}  # not a mailing
    return [(code, words.get(code) or wording.reason(code), people) for code, people in _by_volume(refused)]


def _by_volume(found: dict[str, list[Any]]) -> list[tuple[str, list[Any]]]:
    return [(reason, found[reason]) for reason in eligibility.by_volume({reason: len(which) for reason, which in found.items()})]


def suggest(q: str, user: Any, *, without: Sequence[int] = (), provider: Provider | None = None) -> Suggested:
    """Textable numbers of people who match a name or a number in any format; `refusal` says why the provider may not text one."""
    q = q.replace("\0", "").strip()[: filters.LONGEST]
    if len(q) < 2:
        return Suggested()
    people = finding.first(filters.Filters(q=q).people(selection.visible_to(user)), PEOPLE_SEARCHED)
    rows = PhoneNumber.objects.filter(contact__in=people).exclude(id__in=without).select_related("contact")
    judged = eligibility.judge_numbers(rows, marketing=False).filter(reason__isnull=True)
    found = list(judged.order_by("contact__sort_name", "-is_primary", "id")[: SUGGESTIONS + 1])
    refusal = routes.refusal_of(provider, Message.Kind.ONE_OFF) if provider else None
    for row in found:
        reason = refusal(row.number) if refusal else ""
        row.refusal = wording.reason(reason) if reason else ""  # type: ignore[attr-defined]
    return Suggested(found[:SUGGESTIONS], more=len(found) > SUGGESTIONS)
