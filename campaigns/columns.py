"""Columns that a query of a workflow adds to the people it finds: texts say them as {column.visits}. Each is an expression of the database.

Nothing is kept for each person: a column is worked out in the statement that reads the people for their texts, so it says what is true then.
"""

import re
from calendar import isleap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, DateField, F, Func, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, ExtractDay, ExtractMonth, ExtractYear, TruncDate
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThanOrEqual
from django.utils.translation import gettext_lazy

from campaigns import tokens
from contacts.models import Activity, Contact, CustomField, Group, Membership
from contacts.smart.asking import Among
from contacts.smart.criteria import At
from contacts.smart.questions.birthdays import LEAP_DAY, key
from smsapp.common.sentences import Sentence
from smsapp.common.sentences import say as _

PREFIX = "column."
MOST_DAYS, USUAL_DAYS = 3650, 30
LONGEST_LABEL = 60
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)  # it becomes a name of the database
FIELD, YEARS, UNTIL, SINCE, JOINED = "field", "years", "until", "since", "joined"
TEXTS, REPLIES, LAST_TEXT, LAST_REPLY = "texts", "replies", "last_text", "last_reply"
COUNTED = {TEXTS: Activity.Kind.SMS_SENT, REPLIES: Activity.Kind.SMS_RECEIVED}  # within a number of days
LAST = {LAST_TEXT: Activity.Kind.SMS_SENT, LAST_REPLY: Activity.Kind.SMS_RECEIVED}
DAYS: dict[str, Any] = {"birth_date": gettext_lazy("Birth date"), "created_at": gettext_lazy("Contact created")}
CUSTOM_DAY = "custom."
NO_FIELDS = (tokens.OPT_OUT_LINK, "contact.number")  # what they say is not in the contact's row alone


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names its token; `what` is what it says, such as "texts", "joined:12", "years:birth_date" or "field:contact.custom.town"."""

    key: str
    label: str
    what: str
    days: int = USUAL_DAYS  # of those that count
    zone: str = ""  # by whose clock; without one by the organisation's

    @property
    def token(self) -> str:
        """As texts name it."""
        return f"{PREFIX}{self.key}"

    @property
    def kind(self) -> str:
        """What it says, without of what."""
        return self.what.partition(":")[0]

    @property
    def about(self) -> str:
        """Of which field or group."""
        return self.what.partition(":")[2]

    @property
    def field(self) -> str:
        """The token of a contact whose value it says too; "" for one that is worked out."""
        return self.about if self.kind == FIELD else ""

    def as_json(self) -> dict[str, Any]:
        """As it is stored with its step."""
        return {"key": self.key, "label": self.label, "what": self.what, "days": self.days}


def read(raw: Any) -> list[Column]:
    """From what was stored; nonsense is left out."""
    found = [_read(item) for item in raw] if isinstance(raw, list) else []
    return [column for column in found if column]


def _read(item: Any) -> Column | None:
    if not isinstance(item, dict) or not _KEY.fullmatch(str(item.get("key"))):
        return None
    days = item.get("days")
    label, many = str(item.get("label", ""))[:LONGEST_LABEL], days if isinstance(days, int) and 0 < days <= MOST_DAYS else USUAL_DAYS
    column = Column(item["key"], label, str(item.get("what")), many)
    return column if _makes_sense(column) else None


def _makes_sense(column: Column) -> bool:
    """Whether the database can be asked for it: names in it are names of ours."""
    if column.kind == FIELD:
        return column.about in _FIELDS or (column.about.startswith(tokens.CUSTOM) and _is_key(column.about.removeprefix(tokens.CUSTOM)))
    if column.kind in DATED:
        return column.about in DAYS or (column.about.startswith(CUSTOM_DAY) and _is_key(column.about.removeprefix(CUSTOM_DAY)))
    if column.kind == JOINED:
        return column.about.isascii() and column.about.isdigit() and len(column.about) < 19
    return column.what in HAPPENED


def _is_key(text: str) -> bool:
    return bool(_KEY.fullmatch(text))


def merged(several: Iterable[Sequence[Column]]) -> list[Column]:
    """All of them; of those with one name the first."""
    found: dict[str, Column] = {}
    for columns in several:
        for column in columns:
            found.setdefault(column.key, column)
    return list(found.values())


# --- what they may say ---


def choices() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Everything that a column can say, as a select shows it: headings, each with (what, label)."""
    fields = list(CustomField.objects.active())
    days = [*DAYS.items(), *((f"{CUSTOM_DAY}{field.key}", field.label) for field in fields if field.type == CustomField.Type.DATE)]
    groups = [(str(pk), name) for pk, name in Group.objects.filter(archived=False).values_list("pk", "name")]
    own = [(f"{tokens.CUSTOM}{field.key}", field.label) for field in fields]
    found = [
        (gettext_lazy("Texts and replies"), list(HAPPENED.items())),
        (gettext_lazy("Whole years since"), _under(YEARS, days)),
        (gettext_lazy("Days since"), _under(SINCE, days)),
        (gettext_lazy("Days until"), _under(UNTIL, days)),
        (gettext_lazy("Day of joining the group"), _under(JOINED, groups)),
        (gettext_lazy("Field"), _under(FIELD, [*((token.name, token.label) for token in _FIELDS.values()), *own])),
    ]
    return [(heading, rows) for heading, rows in found if rows]


HAPPENED: dict[str, Any] = {
    TEXTS: gettext_lazy("Number of texts in the last days"), LAST_TEXT: gettext_lazy("Day of the last text"),
    REPLIES: gettext_lazy("Number of replies in the last days"), LAST_REPLY: gettext_lazy("Day of the last reply"),
}  # fmt: skip
_FIELDS = {token.name: token for token in tokens.TOKENS if token.name not in NO_FIELDS}


def _under(kind: str, choices: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [(f"{kind}:{about}", label) for about, label in choices]


def problem(column: Column) -> Sentence | str:
    """Why nobody can have a value; empty for a good one. An archived field, or group, still says what is known."""
    named = {"column": column.label}
    if column.kind == JOINED and not Group.objects.filter(pk=column.about).exists():
        return _("Column “%(column)s”: its group no longer exists. Choose something else.") % named
    custom = column.about.removeprefix(tokens.CUSTOM).removeprefix(CUSTOM_DAY)
    if custom != column.about and not CustomField.objects.filter(key=custom).exists():
        return _("Column “%(column)s”: its field no longer exists. Choose something else.") % named
    return ""


# --- what they say ---


class Computed(NamedTuple):
    """A column that the database works out: its token, the attribute in which people bring it along, and the expression, by the path from a row to
    its contact ("contact__", or nothing)."""

    name: str
    attribute: str
    expression: Callable[[str], Combinable]
    about: str  # tells it from another one of the same name
    is_certain: bool  # everybody has a value


def computed(column: Column, at: At) -> Computed:
    """As it is at a moment. What cannot be known any more is nothing, as it is of people who have none."""
    at = At(at.now, ZoneInfo(column.zone)) if column.zone else at

    def expression(prefix: str) -> Combinable:
        return _expression(column, at, prefix)

    return Computed(column.token, f"column_{column.key}", expression, f"{column.what}-{column.days}-{column.zone}", column.what in COUNTED)


def said(value: Any) -> str:
    """A value as it stands in texts; none is empty."""
    return tokens.written(value) if isinstance(value, date) else "" if value is None else str(value)


def _expression(column: Column, at: At, prefix: str) -> Combinable:
    if column.kind in DATED:
        return DATED[column.kind](_day(column.about, at, prefix), at.today)
    if column.kind == JOINED:
        member = Membership.objects.filter(group=int(column.about), contact=OuterRef(f"{prefix}id"))
        return Subquery(member.values(day=TruncDate("added_at", tzinfo=at.zone)))
    if column.what in COUNTED:
        lately = _history(prefix).filter(at__gte=at.days_ago(column.days))
        return Coalesce(Subquery(lately.values(n=Count("pk", filter=Q(kind=COUNTED[column.what])))), 0)
    return Subquery(_history(prefix).values(day=TruncDate(Max("at", filter=Q(kind=LAST[column.what])), tzinfo=at.zone)))


def _history(prefix: str) -> QuerySet[Any, Any]:
    """All lines of a person, and of who was merged into them, as one group. The kind is told apart inside of it: asked for by a condition, those of
    a rare kind may be gone through, all of them for each person."""
    losers = Contact.objects.filter(merged_into=OuterRef(OuterRef(f"{prefix}id"))).order_by().values("pk")
    people = Func(ArraySubquery(losers), OuterRef(f"{prefix}id"), function="array_append")
    return Activity.objects.filter(Among(F("contact_id"), people)).order_by().annotate(all=Value(1)).values("all")


class DateOf(Func):
    """The day under a key of a JSON document; nothing where what stands there is none."""

    template, output_field = """(jsonb_path_query_first(%(expressions)s, '{}', true) #>> '{}')::date""", DateField()


def _day(about: str, at: At, prefix: str) -> Any:
    if about == "created_at":
        return TruncDate(F(f"{prefix}created_at"), tzinfo=at.zone)
    if about == "birth_date":
        return F(f"{prefix}birth_date")
    path = Func(Value(f'$."{about.removeprefix(CUSTOM_DAY)}".datetime("YYYY-MM-DD")'), template="(%(expressions)s)::jsonpath")
    return DateOf(F(f"{prefix}custom"), path)


def _between(late: Any, early: Any) -> Combinable:
    return Func(late, early, template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField())


def _since(day: Any, today: date) -> Combinable:
    return Case(When(LessThanOrEqual(day, today), then=_between(Cast(Value(today), DateField()), day)))


def _until(day: Any, today: date) -> Combinable:
    return Case(When(GreaterThanOrEqual(day, today), then=_between(day, Cast(Value(today), DateField()))))


def _years(day: Any, today: date) -> Combinable:
    """As ages are counted in rules: in ordinary years 29 February is kept on the 28th."""
    place = LEAP_DAY if key(today) == LEAP_DAY - 1 and not isleap(today.year) else key(today)
    to_come = Case(When(GreaterThan(ExtractMonth(day) * 100 + ExtractDay(day), place), then=1), default=0)
    return Case(When(LessThanOrEqual(day, today), then=Value(today.year) - ExtractYear(day) - to_come))


DATED: dict[str, Callable[[Any, date], Combinable]] = {YEARS: _years, SINCE: _since, UNTIL: _until}
