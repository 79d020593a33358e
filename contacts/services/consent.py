"""The consent ledger: who agreed to what or took it back. Entries are appended, with their line on the timeline, and never changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ConsentEntry, Contact
from contacts.services.errors import ContactsError
from smsapp.common import dates
from smsapp.common.secrets import keyed_hash

if TYPE_CHECKING:
    from smsapp.accounts.models import User

Event, Scope, Source = ConsentEntry.Event, ConsentEntry.Scope, ConsentEntry.Source
FLAGS: dict[str, str] = {Scope.MARKETING: "opted_out", Scope.ALL: "do_not_sms"}  # what an opt-out of each scope sets on the contact
WRITTEN = {Source.FORM, Source.REPLY, Source.LINK, Source.GATEWAY}  # the recipient wrote, signed or clicked it: evidence after an own opt-out

APPEND = """
    WITH made AS (
        INSERT INTO contacts_consententry (contact_id, number, event, scope, source, own_act, wording, details, at, author_id, message)
        SELECT contact_id, number, event, scope, source, own_act, wording, details, coalesce(at, now()), author_id, message
          FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::text[], %s::timestamptz[], %s::bigint[],
                      %s::bigint[]) WITH ORDINALITY
               AS told(contact_id, number, event, scope, source, own_act, wording, details, at, author_id, message, place)
         ORDER BY place
        RETURNING *),
    lines AS (
        INSERT INTO contacts_activity (contact_id, kind, subject, details, at, author_id, source)
        SELECT contact_id, 'consent', event || '_' || scope, details, at, author_id, id FROM made WHERE contact_id IS NOT NULL ORDER BY id)
    SELECT id FROM made ORDER BY id
"""
# the own opt-outs that no later own opt-in of the same scope took back, the latest of each scope; {acts} yields (key, entry's columns)
STANDING = """
    SELECT DISTINCT ON (key, scope) key, scope, id, source, at
      FROM (SELECT acts.*, count(*) FILTER (WHERE event = 'opt_in') OVER (PARTITION BY key, scope ORDER BY at DESC, id DESC) AS later_opt_ins
              FROM ({acts}) AS acts) AS judged
     WHERE event = 'opt_out' AND later_opt_ins = 0 ORDER BY key, scope, at DESC, id DESC
"""
ACTS_OF_PEOPLE = """
    SELECT person AS key, e.* FROM contacts_consententry AS e
      JOIN (SELECT id AS person, id FROM unnest(%(keys)s::bigint[]) AS asked(id) UNION ALL
            SELECT merged_into_id, id FROM contacts_contact WHERE merged_into_id = ANY(%(keys)s)) AS people ON people.id = e.contact_id
     WHERE e.own_act
"""
ACTS_OF_NUMBERS = """
    SELECT told.key, e.* FROM unnest(%(keys)s::text[] || %(keys)s::text[], %(keys)s::text[] || %(pseudonyms)s::text[]) AS told(key, number)
      JOIN contacts_consententry AS e ON e.number = told.number AND e.number <> '' WHERE e.own_act
"""  # an opt-out outlives that its person was forgotten
LATEST = """
    SELECT person, e.scope, max(e.at) FROM contacts_consententry AS e
      JOIN (SELECT id AS person, id FROM unnest(%(keys)s::bigint[]) AS asked(id) UNION ALL
            SELECT merged_into_id, id FROM contacts_contact WHERE merged_into_id = ANY(%(keys)s)) AS people ON people.id = e.contact_id
     WHERE e.event = 'opt_out' GROUP BY person, e.scope
"""  # whoever made them
OLDEST = 1990  # the first text was sent in 1992: an entry cannot be changed, so slips are refused


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry to append. `own_act`: the recipient did it; `wording`: what the person read and agreed to, or wrote; `at` None: now."""

    contact_id: int | None
    event: str
    source: str
    scope: str = Scope.MARKETING
    number: str = ""
    own_act: bool = False
    wording: str = ""
    details: str = ""  # file, form or page, place
    author_id: int | None = None
    message: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnOptOut:
    """An opt-out by the recipient that stands: no later own opt-in of its scope took it back."""

    entry_id: int
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnOptOuts:
    """Standing own opt-outs: contact id, or number, to {scope: opt-out}. Who has none is not in it."""

    contacts: Mapping[int, Mapping[str, OwnOptOut]]
    numbers: Mapping[str, Mapping[str, OwnOptOut]]


def record(
    contact: Contact | None,
    *,
    event: str,
    source: str,
    scope: str = Scope.MARKETING,
    number: str = "",
    own_act: bool = False,
    wording: str = "",
    details: str = "",
    author: "User | None" = None,
    message: int | None = None,
    at: datetime | None = None,
) -> ConsentEntry:
    """Append one entry and its line on the timeline; changes nothing on the contact (`opt_out` and `opt_in` do)."""
    by = author.pk if author else None
    entry = Entry(contact.pk if contact else None, event, source, scope, number, own_act, wording, details, by, message, at)
    return ConsentEntry.objects.get(id=record_many([entry])[0])


def record_many(entries: Sequence[Entry]) -> list[int]:
    """Append all of them in one statement, timeline included, however many. Returns their ids in order."""
    if not entries:
        return []
    with connection.cursor() as cursor:
        cursor.execute(APPEND, columns(entries))
        return [row[0] for row in cursor.fetchall()]


def columns(entries: Sequence[Entry]) -> list[list[Any]]:
    """Parameters of APPEND, of one entry at least."""
    rows = [
        (e.contact_id, e.number, str(e.event), str(e.scope), str(e.source), e.own_act, e.wording, e.details[:300], e.at, e.author_id, e.message)
        for e in entries
    ]  # fmt: skip
    return [list(column) for column in zip(*rows, strict=True)]


def own_opt_outs(*, contact_ids: Iterable[int] = (), numbers: Iterable[str] = ()) -> OwnOptOuts:
    """Who of these opted out by an act of their own that still stands: two queries at most. Entries of merged contacts count for whom they became."""
    return OwnOptOuts(contacts=_standing(ACTS_OF_PEOPLE, list(contact_ids)), numbers=_standing(ACTS_OF_NUMBERS, [n for n in numbers if n]))


def pseudonym(number: str) -> str:
    """What stands in the ledger for the number of somebody who was forgotten; the same again for a pseudonym and for none."""
    return "#" + keyed_hash("ledger", number)[:15] if number and not number.startswith("#") else number


def _standing(acts: str, keys: list[Any]) -> dict[Any, dict[str, OwnOptOut]]:
    found: dict[Any, dict[str, OwnOptOut]] = {}
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(STANDING.format(acts=acts), {"keys": keys, "pseudonyms": [pseudonym(str(key)) for key in keys]})
            for key, scope, entry_id, source, at in cursor.fetchall():
                found.setdefault(key, {})[scope] = OwnOptOut(entry_id, source, at)
    return found


def own_opt_outs_of(contact: Contact) -> dict[str, OwnOptOut]:
    """The standing own opt-outs that concern this contact, by scope: the person's, else those of the number that would be texted."""
    found = own_opt_outs(contact_ids=[contact.pk], numbers=[contact.sms_number or ""])
    return {**found.numbers.get(contact.sms_number or "", {}), **found.contacts.get(contact.pk, {})}


def last_opt_outs(contact_ids: Iterable[int]) -> dict[int, dict[str, datetime]]:
    """When these people, or those merged into them, were opted out last, by scope: by themselves, by staff or by a file."""
    found: dict[int, dict[str, datetime]] = {}
    with connection.cursor() as cursor:
        cursor.execute(LATEST, {"keys": list(contact_ids)})
        for person, scope, at in cursor.fetchall():
            found.setdefault(person, {})[scope] = at
    return found


def is_older(opt_in: datetime, opt_out: datetime) -> bool:
    """The rule for forms and files: an opt-in that is no later than the opt-out never lifts it, whoever made it."""
    return opt_in <= opt_out


@transaction.atomic
def opt_out(
    contact: Contact,
    *,
    source: str = Source.STAFF,
    scope: str = Scope.MARKETING,
    own_act: bool = False,
    number: str | None = None,
    wording: str = "",
    details: str = "",
    author: "User | None" = None,
    message: int | None = None,
    at: datetime | None = None,
) -> ConsentEntry:
    """Nobody needs a reason to opt somebody out; a repetition is one more entry. `number` None: the one that would be texted."""
    _check_day(at)
    _set_flag(contact, scope, value=True)
    return record(
        contact, event=Event.OPT_OUT, source=source, scope=scope, own_act=own_act, number=_number(contact, number), wording=wording, details=details,
        author=author, message=message, at=at,
    )  # fmt: skip


@transaction.atomic
def opt_in(
    contact: Contact,
    *,
    source: str,
    wording: str,
    scope: str = Scope.MARKETING,
    own_act: bool | None = None,
    number: str | None = None,
    details: str = "",
    author: "User | None" = None,
    message: int | None = None,
    at: datetime | None = None,
    seen: int | None = None,
) -> ConsentEntry:
    """Texts of the scope are welcome (again). Raises ContactsError: without wording, when it is older than the opt-out, or no evidence against an own one.

    After the recipient's own opt-out it takes something the recipient wrote, signed or clicked later (a source of WRITTEN, with its date);
    staff name in `seen` the id of the opt-out that they were shown. A STOP suppression of the number holds all the same: it is no flag of the contact.
    """
    if not wording.strip():
        raise ContactsError("no_wording", _("Write what the person agreed to, word for word: an opt-in that cannot be shown is none."), "wording")
    _check_day(at)
    is_blocked = flags_of(contact)[FLAGS[scope]]  # an opt-out of this moment is waited for, and seen
    if standing := own_opt_outs_of(contact).get(scope):
        _outweigh(standing, source=source, at=at or timezone.now(), seen=seen, by_staff=author is not None)
    last = last_opt_outs([contact.pk]).get(contact.pk, {}).get(scope)
    if is_blocked and at and last and is_older(at, last):
        older = _("This is older than the opt-out of %(day)s, so the opt-out holds.")
        raise ContactsError("older_evidence", older % {"day": moment(last)}, "at")
    _set_flag(contact, scope, value=False)
    return record(
        contact, event=Event.OPT_IN, source=source, scope=scope, own_act=source in WRITTEN if own_act is None else own_act,
        number=_number(contact, number), wording=wording, details=details, author=author, message=message, at=at,
    )  # fmt: skip


def _outweigh(standing: OwnOptOut, *, source: str, at: datetime, seen: int | None, by_staff: bool) -> None:
    facts = {"day": moment(standing.at), "how": Source(standing.source).label}
    if source not in WRITTEN:
        weak = _("This person opted out on %(day)s (%(how)s). Only something that the person wrote or signed since can undo it: choose a form or a reply.")
        raise ContactsError("own_opt_out", weak % facts, "source")
    if is_older(at, standing.at):
        raise ContactsError("older_evidence", _("This is older than the person's own opt-out of %(day)s (%(how)s), so the opt-out holds.") % facts, "at")
    if by_staff and seen != standing.entry_id:
        unseen = _("This person opted out on %(day)s (%(how)s). Look at both, then confirm that the evidence is newer and real.")
        raise ContactsError("look_again", unseen % facts)


def save_flags(contact: Contact, flags: Mapping[str, bool], *, before: Mapping[str, bool], author: "User | None", said: bool = False) -> None:
    """Entries for flags that were changed on the contact's form: a block set, or taken back, which is no consent.

    `said`: who opted out of marketing said so, which makes it the person's own act. Lifting the person's own opt-out there raises ContactsError.
    """
    entries = []
    for scope, flag in FLAGS.items():
        value = flags.get(flag)
        if value is None or value == before.get(flag, False):
            continue
        if not value and (standing := own_opt_outs_of(contact).get(scope)):
            words = _("This person opted out on %(day)s (%(how)s). Record an opt-in with its evidence on the page Consent; it lifts the block.")
            raise ContactsError("own_opt_out", words % {"day": moment(standing.at), "how": Source(standing.source).label}, flag)
        event = Event.OPT_OUT if value else Event.LIFTED
        by = author.pk if author else None
        own_act = said and value and scope == Scope.MARKETING
        entries.append(Entry(contact.pk, event, Source.STAFF, scope, number=contact.sms_number or "", own_act=own_act, author_id=by))
    record_many(entries)


def flags_of(contact: Contact) -> dict[str, bool]:
    """The flags as they are stored now, the row locked until the transaction ends."""
    stored = Contact.objects.select_for_update(of=("self",)).filter(id=contact.pk).values(*FLAGS.values()).first()
    return dict(stored or {})


def _set_flag(contact: Contact, scope: str, *, value: bool) -> None:
    Contact.objects.filter(id=contact.pk).update(**{FLAGS[scope]: value, "updated_at": timezone.now()})
    contact.refresh_from_db(fields=[*FLAGS.values(), "sms_number", "updated_at"])


def _number(contact: Contact, number: str | None) -> str:
    return (contact.sms_number or "") if number is None else number


def _check_day(at: datetime | None) -> None:
    if at and at > timezone.now():
        raise ContactsError("date_in_future", _("This day is still to come. Write when the person said so."), "at")
    if at and at.year < OLDEST:
        raise ContactsError("date_too_old", _("Before the year 1990, when nobody was texted. Check the year."), "at")


def moment(at: datetime) -> str:
    """A moment in words, in the reader's zone: evidence may be of the same day as an opt-out."""
    return dates.said(timezone.localtime(at), "DATETIME_FORMAT")
