"""What the list of contacts is narrowed to: words, groups, who can be texted. The same for the page and for select-all-matching."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Q
from django.db.models.lookups import Contains
from django.utils.translation import gettext_lazy as _

from contacts import eligibility
from contacts.models import Contact, PhoneNumber
from contacts.models.contact import ContactQuerySet
from contacts.models.folding import fold, folded
from contacts.smart.addresses import LONGEST_READ, unpack
from contacts.smart.asking import People
from contacts.smart.criteria import At
from contacts.smart.problems import RulesProblem
from contacts.smart.rules import ALL, Rules, parse
from contacts.spelling import plain
from contacts.tags import LONGEST as LONGEST_TAG
from contacts.tags import MOST as MOST_TAGS
from smsapp.common.models import Organisation
from smsapp.common.phone import PhoneError, normalise

NUMBER_LIKE = re.compile(r"[+\d\s().\-/\u00a0\u202f]+")
CHEAP_WORDS = 25_000  # effort to collect those whom words find: names that are alike stand side by side, so walking to them can take long
LONGEST = 100  # characters of a search; more is never typed by a person
# what an address may ask for that makes no sense
SENSELESS = {
    "q": _("This address searches for a sign that nobody’s name or number has. Clear the filters."),
    "group": _("This address asks for a group that does not exist. Clear the filters."),
    "sms": _("This address asks for something else than who can be texted. Clear the filters."),
    "tag": _("This address asks for a tag that nobody can have. Clear the filters."),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """Choices of the list, as its address carries them: q, group (many), sms=yes|no, tag (many, all of them), rules (a packed tree).

    What makes no sense matches nobody, never everybody: `problem` says why. It travels on as senseless=<name of the filter>, so that
    an action on all who match concerns nobody either.
    """

    q: str = ""
    groups: tuple[int, ...] = ()
    sms: str = ""
    tags: tuple[str, ...] = ()
    packed: str = ""
    senseless: tuple[str, ...] = ()

    @classmethod
    def read(cls, data: Any) -> "Filters":
        """From a QueryDict."""
        groups, sms, q = [value for value in data.getlist("group") if value], data.get("sms", ""), data.get("q", "")
        tags = tuple(dict.fromkeys(plain(value) for value in data.getlist("tag") if value))
        makes_sense = {
            "q": "\0" not in q,
            "group": all(map(_is_id, groups)),
            "sms": sms in {"yes", "no", ""},
            "tag": len(tags) <= MOST_TAGS and all(0 < len(tag) <= LONGEST_TAG and "\0" not in tag for tag in tags),
        }
        known = data.getlist("senseless")
        return cls(
            q=q.strip()[:LONGEST] if makes_sense["q"] else "",
            groups=tuple(dict.fromkeys(int(value) for value in groups if _is_id(value))),
            sms=sms if makes_sense["sms"] else "",
            tags=tags if makes_sense["tag"] else (),
            packed=data.get("rules", "").replace("\0", "?")[: LONGEST_READ + 1],
            senseless=tuple(name for name, sense in makes_sense.items() if not sense or name in known),
        )

    def pairs(self) -> list[tuple[str, str]]:
        """For hidden fields and addresses."""
        groups, tags = [("group", str(id_)) for id_ in self.groups], [("tag", tag) for tag in self.tags]
        senseless = [("senseless", name) for name in self.senseless]
        one = {name: [(name, value)] if value else [] for name, value in (("q", self.q), ("sms", self.sms), ("rules", self.packed))}
        return [*one["q"], *groups, *one["sms"], *tags, *one["rules"], *senseless]

    def apply(self, contacts: ContactQuerySet) -> ContactQuerySet:
        """The contacts that match."""
        if self.senseless:
            return contacts.none()
        if self.look_for_some:
            return self.people(contacts).collected
        if self.groups:
            contacts = contacts.in_groups(list(self.groups))
        if self.tags:
            contacts = contacts.filter(tags__contains=list(self.tags))
        if self.sms:
            contacts = contacts.alias(why_not=eligibility.reason_expression(marketing=True)).filter(why_not__isnull=self.sms == "yes")
        return contacts

    @property
    def look_for_some(self) -> bool:
        """Words or rules, which may find few or many, anywhere in the list."""
        return bool(self.q or self.packed)

    def people(self, contacts: ContactQuerySet) -> People:
        """The same where words or rules look for some, to be asked for in the way that is quicker."""
        if self.senseless:
            return People(contacts.none(), Q())
        others, words = replace(self, q="", packed="").apply(contacts), search_condition(self.q)
        if not self.packed:
            return People(others, words, cheap=CHEAP_WORDS)
        try:
            return People(others, self.rules().condition(At.current()) & words)
        except RulesProblem:
            return People(others.none(), Q())

    def rules(self) -> Rules:
        """The rules. Raises RulesProblem."""
        return parse(unpack(self.packed))

    @property
    def problem(self) -> str:
        """Why nobody can match; empty when the filters can be used, or when there are none."""
        return str(SENSELESS[self.senseless[0]]) if self.senseless else self.rules_problem

    @property
    def rules_problem(self) -> str:
        """Why the rules cannot be used."""
        try:
            if self.packed:
                self.rules()
        except RulesProblem as problem:
            return str(problem)
        return ""

    def as_tree(self) -> dict[str, Any]:
        """All of them as one tree of rules, to go on with in the builder. Raises RulesProblem."""
        if self.senseless:
            raise RulesProblem("senseless", SENSELESS[self.senseless[0]])
        parts: list[Any] = [{"q": "search", "test": "contains", "value": self.q}] if self.q else []
        if self.groups:
            parts.append({"q": "group", "test": "any", "value": list(self.groups)})
        if self.tags:
            parts.append({"q": "tags", "test": "all", "value": list(self.tags)})
        if self.sms:
            parts.append({"q": "textable", "test": "is", "value": self.sms == "yes"})
        if self.packed:
            own = unpack(self.packed)
            parts += own[ALL] if isinstance(own, dict) and list(own) == [ALL] and isinstance(own[ALL], list) else [own]
        return {ALL: parts}


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19


def search(contacts: ContactQuerySet, q: str) -> ContactQuerySet:
    """By number in any format when it looks like one, else by parts of the name, the organisation or the e-mail: every word must be found in it."""
    return contacts.filter(search_condition(q))


def search_condition(q: str) -> Q:
    """The same as a condition."""
    if not q.strip():
        return Q()
    text = plain(q) or q
    if by_digits := number_matching(text):
        by_number = Q(id__in=PhoneNumber.objects.filter(by_digits).values("contact_id"))
        # asked beforehand, for an OR of two tables is looked up person by person
        return by_number | Q(external_id=text) if Contact.objects.active().filter(external_id=text).exists() else by_number
    words = text.replace(",", " ").split() or [text]  # lists write "Martin, Léa"
    return _in_name(words) | _in_organisation(words) | _in_email(words) | Q(external_id=text) | _in_both(words)


def _in_name(words: Sequence[str]) -> Q:
    """Every word is in the name: one look into its index, whatever their number."""
    return reduce(and_, (Q(sort_name__contains=fold(word)) for word in words))


def _in_organisation(words: Sequence[str]) -> Q:
    """What somebody without a name is called. Its index holds those who have one."""
    return ~Q(organisation="") & reduce(and_, (Q(Contains(folded("organisation"), fold(word))) for word in words))


def _in_email(words: Sequence[str]) -> Q:
    return reduce(and_, (Q(email__icontains=word) for word in words))


def _in_both(words: Sequence[str]) -> Q:
    """Some words look like parts of an e-mail ("camille gmail.com"): they are in it, the others in the name."""
    addresses = [word for word in words if "@" in word or "." in word]
    names = [word for word in words if word not in addresses]
    return _in_name(names) & _in_email(addresses) if names and addresses else Q()


def number_matching(q: str) -> Q | None:
    """The condition on `number` for what looks like a number or a part of one; None for other words."""
    q = q.replace("(0)", "")  # +33 (0)6: dialled inside the country only
    digits = re.sub(r"\D", "", q)
    return number_condition(q, digits) if len(digits) >= 3 and NUMBER_LIKE.fullmatch(q) else None


def number_condition(q: str, digits: str) -> Q:
    """The whole number in any format, or a part of its digits; a leading 0 or 00 is how people dial, not how numbers are stored."""
    condition = Q(number__contains=digits.lstrip("0") or digits)
    try:
        return condition | Q(number=normalise(q, Organisation.current().default_region))
    except PhoneError:
        return condition
