"""What happened: texts, replies, calls; when the contact was made and changed; consent."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Activity, ConsentEntry
from contacts.smart import comparisons as ask
from contacts.smart.asking import Theirs
from contacts.smart.choices import OneOf
from contacts.smart.criteria import At, Question
from contacts.smart.questions import categories
from contacts.smart.questions.numbers import YES_OR_NO
from contacts.smart.questions.person import Flag
from contacts.smart.values import Day, Days, Pair

HAPPENED = (ask.within(Days()), ask.not_within(Days()), ask.EVER, ask.NEVER)


class Happened(Question):
    """An activity of one kind, by when it was."""

    category, comparisons, of_texts = categories.TEXTS, HAPPENED, True

    def __init__(self, name: str, label: Any, kind: str) -> None:
        self.name, self.label, self._kind = name, label, kind

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        since = {"at__gte": at.days_ago(value)} if comparison == "within" else {}
        return Q(Theirs(Activity.objects.filter(kind=self._kind, **since)))


class Moment(Question):
    """A time of the contact's own row."""

    category = categories.DATES
    comparisons = (ask.within(Days()), ask.not_within(Days()), ask.before(Day()), ask.after(Day()), ask.between(Pair(Day())))

    def __init__(self, name: str, label: Any) -> None:
        self.name, self.label = name, label

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        if comparison == "within":
            return Q(**{f"{self.name}__gte": at.days_ago(value)})
        if comparison == "before":
            return Q(**{f"{self.name}__lt": at.start_of(date.fromisoformat(value))})
        first, last = value if comparison == "between" else (value, value)
        after_last = at.start_of(date.fromisoformat(last) + timedelta(days=1))
        if comparison == "after":
            return Q(**{f"{self.name}__gte": after_last})
        return Q(**{f"{self.name}__gte": at.start_of(date.fromisoformat(first)), f"{self.name}__lt": after_last})


class Imported(Question):
    """Made by an import, as the history tells."""

    name, label, category, comparisons = "imported", _("Came with an import"), categories.DATES, YES_OR_NO

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        found = Q(Theirs(Activity.objects.filter(kind=Activity.Kind.CHANGE, subject="imported")))
        return found if value else ~found


class Entered(Question):
    """An entry of the consent ledger, by when it was made."""

    category, comparisons = categories.CONSENT, HAPPENED

    def __init__(self, name: str, label: Any, event: str) -> None:
        self.name, self.label, self._event = name, label, event

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        since = {"at__gte": at.days_ago(value)} if comparison == "within" else {}
        return Q(Theirs(ConsentEntry.objects.filter(event=self._event, **since)))


class OptInSource(Question):
    """Where an opt-in in the ledger came from."""

    name, label, category = "opt_in_source", _("Source of an opt-in"), categories.CONSENT
    comparisons = tuple(make(OneOf(lambda: ConsentEntry.Source.choices)) for make in (ask.equal, ask.unequal))

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        return Q(Theirs(ConsentEntry.objects.filter(event=ConsentEntry.Event.OPT_IN, source__in=value)))


ALL: list[Question] = [
    Happened("texted", _("Was texted"), Activity.Kind.SMS_SENT), Happened("replied", _("Replied"), Activity.Kind.SMS_RECEIVED),
    Happened("called", _("Was called"), Activity.Kind.CALL),
    Moment("created_at", _("Contact created")), Moment("updated_at", _("Contact changed")), Imported(),
    Flag("opted_out", categories.CONSENT), Flag("do_not_sms", categories.CONSENT),
    Entered("opt_in", _("Opt-in in the ledger"), ConsentEntry.Event.OPT_IN), Entered("opt_out", _("Opt-out in the ledger"), ConsentEntry.Event.OPT_OUT),
    OptInSource(),
]  # fmt: skip
