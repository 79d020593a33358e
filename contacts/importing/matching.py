"""Who a row means: by external id, then e-mail, then number, or by one of them only. Works on the contacts that a batch may mean."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from contacts.importing.faults import Fault
from contacts.importing.options import MatchBy
from contacts.importing.rows import Person
from contacts.services.consent import Entry
from contacts.services.numbers import Line
from contacts.spelling import folded
from smsapp.common.sentences import say as _

COLUMNS = ("first_name", "last_name", "organisation", "email", "language", "birth_date", "external_id", "do_not_sms", "opted_out", "deceased", "tags", "custom")
EMPTY: dict[str, Any] = dict.fromkeys(COLUMNS, "") | {"birth_date": None, "do_not_sms": False, "opted_out": False, "deceased": False, "tags": [], "custom": {}}
CROWD = 50  # as many contacts behind one e-mail or number say nothing about who is meant, and cost too much to compare

Flagged = tuple[str, str]  # code, sentence


class Refusal(ValueError):
    """A row that cannot be taken: nobody is guessed, nothing is put where it does not fit. `meanings`: whose column is to blame."""

    def __init__(self, code: str, message: str, value: str = "", meanings: Iterable[str] = ()) -> None:
        super().__init__(str(message))
        self.code, self.message, self.value, self.meanings = code, message, value, tuple(meanings)

    def fault(self, row: int, names: dict[str, str]) -> Fault:
        """As a fault of its row; `names` are the columns' by meaning."""
        return Fault(row, next((names[meaning] for meaning in self.meanings if meaning in names), ""), self.value, self.code, self.message)


@dataclass(slots=True, eq=False)
class Known:
    """A contact of the database, or one that this import makes (`id` None until it is written; below zero in a dry run)."""

    id: int | None
    values: dict[str, Any]
    numbers: dict[str, Line] = field(default_factory=dict)
    primary: str = ""
    sms_number: str = ""
    groups: Set[int] = frozenset()
    former: dict[str, set[str]] | None = None  # e-mails and external ids, in capitals, of contacts that were merged into this one
    names: Sequence[tuple[str, str, str]] = ()  # of contacts that were merged into this one
    row: int = 0  # first row of the file that meant this contact
    is_counted: bool = False  # a row of the file makes or changes it
    changed: set[str] = field(default_factory=set)
    added: dict[str, Line] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    joined: Set[int] = frozenset()
    consents: list[Entry] = field(default_factory=list)  # `contact_id` is put in when they are written

    @property
    def is_touched(self) -> bool:
        """Something of it is written."""
        return bool(self.changed or self.added or self.removed or self.joined or self.consents)


Name = tuple[str, str, str]
NAME = ("first_name", "last_name", "organisation")


def name_of(values: Mapping[str, Any]) -> Name:
    """First name, last name, organisation."""
    first, last, organisation = (values.get(name) or "" for name in NAME)
    return first, last, organisation


def has_key(person: Person) -> bool:
    """The row has something that people are found by."""
    return bool(person.numbers or person.values.get("external_id") or person.values.get("email"))


class Index:
    """Contacts by their three keys, and by name those who have none."""

    def __init__(self, match_by: str, row_before: Callable[[int | None], int]) -> None:
        """`row_before`: the first row of earlier batches that meant the contact of this id, or 0."""
        self.match_by, self.row_before = match_by, row_before
        self.external: dict[str, Known] = {}
        self.emails: dict[str, dict[Known, None]] = {}
        self.numbers: dict[str, dict[Known, None]] = {}
        self.names: dict[Name, dict[Known, None]] = {}  # of those who have none of the three

    def add(self, known: Known) -> None:
        """Make a contact findable by all it has, and by what those had who were merged into it."""
        self.learn(known, known.values, known.numbers)
        if not (known.values["external_id"] or known.values["email"] or known.numbers):
            self.names.setdefault(name_of(known.values), {})[known] = None

    def forget(self, known: Known) -> None:
        """Before its keys change: nobody is found any more by what is told otherwise."""
        if self.external.get(known.values["external_id"]) is known:
            del self.external[known.values["external_id"]]
        self.emails.get(known.values["email"].upper(), {}).pop(known, None)
        self.names.get(name_of(known.values), {}).pop(known, None)
        for number in known.numbers:
            self.numbers.get(number, {}).pop(known, None)

    def learn(self, known: Known, values: dict[str, Any], numbers: Iterable[str]) -> None:
        """Make it findable by what it has got just now."""
        if key := values.get("external_id"):
            self.external.setdefault(key, known)
        if email := values.get("email"):
            self.emails.setdefault(email.upper(), {})[known] = None
        for number in numbers:
            self.numbers.setdefault(number, {})[known] = None

    def find(self, person: Person) -> tuple[Known | None, str]:
        """The contact that a row means and by which key; None for a new person. Raises Refusal."""
        return self._find_by_any(person) if self.match_by == MatchBy.ANY else self._find_by_one(person)

    def _find_by_any(self, person: Person) -> tuple[Known | None, str]:
        values = person.values
        key, email = values.get("external_id"), values.get("email")
        if not has_key(person):
            return self._find_by_name(person), "name"
        if key and (known := self.external.get(key)):
            return known, "external_id"
        if email and (having := self.emails.get(email.upper())):
            same = [] if len(having) >= CROWD and key else [known for known in having if not _differ(known, key, "external_id")]
            if same:
                return _one(same, "email", email), "email"
        return self._find_by_number(person, key, email), "number"

    def _find_by_number(self, person: Person, key: str | None, email: str | None) -> Known | None:
        """Whoever has a number of the row and is not somebody else: of another external id or name, or of another e-mail unless the name is the same."""
        found: dict[Known, None] = {}
        moved: dict[Known, None] = {}  # the same name, another e-mail
        for number in person.numbers:
            having = self.numbers.get(number, {})
            if len(having) >= CROWD and (key or email):
                continue
            for known in having:
                if _differ(known, key, "external_id"):
                    continue
                if not _differ(known, email, "email"):
                    if names_agree(known, person):
                        found[known] = None
                elif not key and not self.row_of(known) and _same_name(known, person):
                    moved[known] = None
        if found:
            same = [known for known in found if _words_of(known.values) == _words_of(person.values)]
            return _one(same or list(found), "number", next(iter(person.numbers)))
        return next(iter(moved)) if len(moved) == 1 else None

    def row_of(self, known: Known) -> int:
        """The first row of the file that meant the contact, or 0."""
        return known.row or self.row_before(known.id)

    def _find_by_name(self, person: Person) -> Known | None:
        """Somebody of exactly this name who has none of the three keys either: so that a second import finds again what the first one made."""
        born = person.values.get("birth_date")
        having = self.names.get(name_of(person.values), {})
        same = [known for known in having if not born or not known.values["birth_date"] or born == known.values["birth_date"]]
        return _one(same, "name", " ".join(name_of(person.values)).strip()) if same else None

    def _find_by_one(self, person: Person) -> tuple[Known | None, str]:
        by = self.match_by
        key = next(iter(person.numbers), "") if by == MatchBy.NUMBER else person.values.get(by, "")
        if not key:
            message = _("People are found by %(key)s here, and this row has none. Fill it in, or find people by more.")
            raise Refusal("no_key", message % {"key": KEY_NAMES[MatchBy(by)]()}, meanings=KEY_MEANINGS[by])
        if by == MatchBy.EXTERNAL_ID:
            return self.external.get(key), by
        if by == MatchBy.EMAIL:
            found = list(self.emails.get(key.upper(), ()))
        else:
            found = list({known: None for number in person.numbers for known in self.numbers.get(number, ())})
        return (_one(found, by, key) if found else None), by

    def others_with(self, person: Person, itself: Known) -> tuple[str, list[Known]]:
        """A number of the row that others have, and some of them."""
        for number in person.numbers:
            if others := [known for known in islice(self.numbers.get(number, ()), 3) if known is not itself]:
                return number, others
        return "", []

    def refuse_taken(self, person: Person, itself: Known | None) -> None:
        """Raises Refusal when another contact has the row's external id: rows that are found by another key may bring one."""
        key = person.values.get("external_id")
        if key and self.match_by != MatchBy.ANY and self.external.get(key, itself) is not itself:
            message = _("Another contact has this external id. Find people by it, or mend one of the two.")
            raise Refusal("external_id_taken", message, key, ["external_id"])


KEY_NAMES = {MatchBy.EXTERNAL_ID: lambda: _("external id"), MatchBy.EMAIL: lambda: _("e-mail"), MatchBy.NUMBER: lambda: _("number")}
KEY_MEANINGS = {"external_id": ("external_id",), "email": ("email",), "number": ("mobile", "phone", "landline")}


def _one(found: list[Known], by: str, value: str) -> Known:
    """The only one. Raises Refusal when there are several."""
    if len(found) == 1:
        return found[0]
    count = f"{CROWD}+" if len(found) >= CROWD else len(found)
    if by == "name":
        message = _("%(count)s contacts have this name and nothing else to be told apart by. Add an external id, an e-mail or a number.") % {"count": count}
        raise Refusal("ambiguous_name", message, value, ("last_name", "first_name", "organisation"))
    if by == "email":
        message = _("%(count)s contacts have this e-mail. Add their external id to the row.") % {"count": count}
        raise Refusal("ambiguous_email", message, value, KEY_MEANINGS["email"])
    message = _("%(count)s contacts have this number. Add an external id or an e-mail to the row.") % {"count": count}
    raise Refusal("ambiguous_number", message, value, KEY_MEANINGS["number"])


def _differ(known: Known, told: str | None, name: str) -> bool:
    """Both have it, and not the same: two people, whatever else they share."""
    have = known.values[name]
    if not have or not told or have == told:
        return False
    return have.upper() != told.upper() and not is_former(known, name, told)


def _same_name(known: Known, person: Person) -> bool:
    """First and last name are told and the same."""
    pairs = [(folded(known.values[name]), folded(person.values.get(name) or "")) for name in ("first_name", "last_name")]
    return all(have and have == told for have, told in pairs)


def _words_of(values: Mapping[str, Any]) -> frozenset[str]:
    return _words_in(name_of(values))


def _words_in(name: Name) -> frozenset[str]:
    """The words of a person's name, whichever column or field holds them; of an organisation's where nobody is named."""
    first, last, organisation = name
    return frozenset(folded(f"{first} {last}".strip() or organisation).split())


def names_agree(known: Known, person: Person) -> bool:
    """A number alone means the same person only then: nobody's name says otherwise. "Martin" may be Léa Martin, and who has no name may be anybody."""
    told = _words_of(person.values)
    return any(_agree(told, have) for have in (_words_of(known.values), *map(_words_in, known.names)))


def _agree(told: frozenset[str], have: frozenset[str]) -> bool:
    return have <= told or told <= have


def stands_for_merged(known: Known, person: Person) -> bool:
    """The row is about somebody who was merged into this contact: the first thing in it says so that only one of the two had."""
    if not known.former and not known.names:
        return False
    for key in ("external_id", "email"):
        told = person.values.get(key) or ""
        is_own, was_theirs = told.upper() == known.values[key].upper(), is_former(known, key, told)
        if told and is_own != was_theirs:
            return was_theirs
    return _named_as_merged(known, person)


def _named_as_merged(known: Known, person: Person) -> bool:
    told, own = _words_of(person.values), _words_of(known.values)
    theirs = list(map(_words_in, known.names))
    if not told or told == own:
        return False
    return told in theirs or (not _agree(told, own) and any(_agree(told, words) for words in theirs))


def is_former(known: Known, name: str, value: str) -> bool:
    """What a contact had that was merged into this one: it leads here and changes nothing."""
    return bool(known.former and value.upper() in known.former.get(name, ()))
