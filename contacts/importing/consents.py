"""What an import may say of consent: it sets blocks, lifts one only with a source and a later day, and never the recipient's own opt-out."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from django.db import connection
from django.utils import timezone

from contacts.importing.faults import Fault
from contacts.importing.finding import Gone
from contacts.importing.matching import Known
from contacts.importing.options import Options
from contacts.importing.refusals import BLOCKS
from contacts.importing.rows import Person
from contacts.services.consent import FLAGS, Entry, Event, OwnOptOut, OwnOptOuts, Scope, Source, is_older, last_opt_outs, own_opt_outs
from smsapp.common.sentences import say as _

RECORDED = """
    SELECT coalesce(c.merged_into_id, c.id), e.details, e.at FROM contacts_consententry AS e JOIN contacts_contact AS c ON c.id = e.contact_id
     WHERE e.contact_id = ANY(%(ids)s::bigint[] || ARRAY(SELECT id FROM contacts_contact WHERE merged_into_id = ANY(%(ids)s)))
       AND e.event = 'opt_in' AND e.scope = 'marketing' AND e.source = 'import' AND e.wording = %(wording)s
"""


class Consents:
    """The rules for one batch; built once its contacts are known. Entries are put on the `Known`; warnings are returned."""

    def __init__(self, options: Options, names: Mapping[str, str], author_id: int | None) -> None:
        self.options, self.names, self.author_id = options, names, author_id
        self.everybody = bool(options.consent_source) and not names.keys() & {"opted_in", "opt_in_date"}
        self.own = OwnOptOuts({}, {})
        self.last: dict[int, dict[str, datetime]] = {}  # whoever opted them out
        self.gone = Gone()
        self.recorded: dict[tuple[int | None, str], set[datetime]] = {}  # (contact, source and file) -> days of opt-ins that are in the ledger

    def load(self, persons: Sequence[Person], known: Sequence[Known], gone: Gone) -> None:
        """Read the recipients' own opt-outs, and the opt-ins that earlier imports of these people have written."""
        self.gone = gone
        deleted = {id_ for person in persons for id_ in gone.ids_for(person)} if gone.by_key else set()
        numbers = {number for person in persons for number in person.numbers}
        blocked = [contact for contact in known if contact.values["opted_out"]]
        numbers |= {number for contact in blocked for number in contact.numbers}
        self.own = own_opt_outs(contact_ids=deleted | {contact.id for contact in blocked if contact.id is not None}, numbers=numbers)
        self.last = last_opt_outs([contact.id for contact in blocked if contact.id is not None]) if blocked else {}
        ids = [contact.id for contact in known if contact.id is not None]
        if ids and self.options.consent_source:
            with connection.cursor() as cursor:
                cursor.execute(RECORDED, {"ids": ids, "wording": self.options.consent_wording})
                self.recorded = {}
                for contact_id, details, at in cursor.fetchall():
                    self.recorded.setdefault((contact_id, details), set()).add(at)

    def of_new(self, known: Known, person: Person) -> list[Fault]:
        """A contact that this import makes: somebody who had opted out, and was deleted since, stays out."""
        warnings = []
        for scope, opt_out in self._own_of(person, self.gone.ids_for(person) if self.gone.by_key else ()).items():
            flag = FLAGS[scope]
            if not known.values[flag]:
                known.values[flag] = True
                message = _("A contact with this number, e-mail or id opted out on %(day)s by their own act. They stay out.")
                warnings.append(Fault(person.row, "", "", "own_opt_out", message % {"day": opt_out.at}))
            known.consents.append(_carried(opt_out, scope))
        carried = {entry.scope for entry in known.consents}
        for scope, flag in FLAGS.items():
            if known.values[flag] and scope not in carried:
                known.consents.append(self._entry(Event.OPT_OUT, scope))
        self._agree(known, person, again=False)
        return warnings

    def of_known(self, known: Known, person: Person, *, again: bool, is_merged: bool) -> list[Fault]:
        """A contact that is there: blocks are set; one is lifted only where the row says so, with a source, and nobody's own act is against it.

        `again`: an earlier row of the file meant the same person. `is_merged`: the row is about somebody who was merged into the contact.
        """
        for scope, flag in FLAGS.items():
            if person.values.get(flag) and not known.values[flag]:
                known.values[flag] = True
                known.changed.add(flag)
                known.consents.append(self._entry(Event.OPT_OUT, scope))
        if person.values.get("deceased") and not known.values["deceased"]:
            known.values["deceased"] = True
            known.changed.add("deceased")
        warnings = []
        if person.values.get("deceased") is False and known.values["deceased"]:
            warnings.append(self._warning(person, "deceased", "block_kept", _("The contact stays marked as deceased. An import never lifts that.")))
        if person.values.get("do_not_sms") is False and known.values["do_not_sms"]:
            warnings.append(self._warning(person, "do_not_sms", "block_kept", _("The contact stays blocked. An import never lifts a block.")))
        if known.values["opted_out"] and (person.opted_in or person.values.get("opted_out") is False or self.everybody) and not _refuses(person):
            warnings += self._lift(known, person, is_merged=is_merged)
        self._agree(known, person, again=again)
        return warnings

    def _lift(self, known: Known, person: Person, *, is_merged: bool) -> list[Fault]:
        meaning = next((name for name in ("opted_in", "opt_in_date") if person.opted_in and name in self.names), "opted_out")
        if is_merged:
            words = _("The contact stays opted out: the row is about somebody who was merged into it.")
            return [self._warning(person, meaning, "block_kept", words)]
        if holding := self._holding(known, person):
            code, message = holding
            return [self._warning(person, meaning, code, message)]
        known.values["opted_out"] = False
        known.changed.add("opted_out")
        return []

    def _holding(self, known: Known, person: Person) -> tuple[str, str] | None:
        """Why the contact stays opted out, if so, as code and sentence."""
        if own := self._own_of(person, [known.id] if known.id is not None else [], known.numbers).get(Scope.MARKETING) or _planned(known, own_act=True):
            return "own_opt_out", _("The contact opted out on %(day)s by their own act and stays so.") % {"day": own.at}
        if not person.opted_in and person.values.get("opted_out") is not False:
            return "block_kept", _("The contact stays opted out. Only a row that says so can undo it.")
        if not (agreed := _day(person)):
            return "block_kept", _("The contact stays opted out. Only an opt-in with its source and with a day after the opt-out undoes it.")
        last = timezone.now() if _planned(known) else self.last.get(known.id or 0, {}).get(Scope.MARKETING)
        if not last:
            return "block_kept", _("The contact stays opted out: nobody noted since when, so the opt-in may be older. Record it on the contact's page Consent.")
        if is_older(agreed, last):
            return "newer_opt_out", _("The opt-out of %(day)s is newer, so it holds.") % {"day": last}
        if not self.options.consent_source:
            return "block_kept", _("The contact stays opted out. An import that names its source of consent could undo it.")
        return None

    def _agree(self, known: Known, person: Person, *, again: bool) -> None:
        """Note an opt-in, once for all imports of the same file and source; nothing for those who stay out."""
        if not self.options.consent_source or _refuses(person) or known.values["opted_out"]:
            return
        if not person.opted_in and not (self.everybody and not any(known.values[name] for name in BLOCKS)):
            return
        entry = self._opt_in(person)
        days = self.recorded.get((known.id, entry.details), set())
        is_known = entry.at in days if entry.at and not again else bool(days)
        if not is_known and not any(each.event == Event.OPT_IN for each in known.consents):
            known.consents.append(entry)

    def _own_of(self, person: Person, contact_ids: Any, numbers: Any = ()) -> dict[str, OwnOptOut]:
        """Standing own opt-outs of a person: of the contacts that they are or were, and of their numbers."""
        found: dict[str, OwnOptOut] = {}
        for number in (*numbers, *person.numbers):
            found |= self.own.numbers.get(number, {})
        for contact_id in contact_ids:
            found |= self.own.contacts.get(contact_id, {})
        return found

    def _opt_in(self, person: Person) -> Entry:
        details = f"{self.options.consent_source} ({self.options.file_name})"[:300]
        return self._entry(Event.OPT_IN, Scope.MARKETING, details=details, wording=self.options.consent_wording, at=_day(person))

    def _entry(self, event: str, scope: str, *, details: str = "", wording: str = "", at: datetime | None = None) -> Entry:
        told = details or self.options.file_name
        return Entry(None, event, Source.IMPORT, scope, wording=wording, details=told, author_id=self.author_id, at=at)

    def _warning(self, person: Person, meaning: str, code: str, message: str) -> Fault:
        return Fault(person.row, self.names.get(meaning, ""), "", code, message)


def _carried(opt_out: OwnOptOut, scope: str) -> Entry:
    """The recipient's own opt-out, told of the contact that is made now: how and when they did it. No file did; their words stay with the first entry."""
    return Entry(None, Event.OPT_OUT, opt_out.source, scope, own_act=True, at=opt_out.at)


def _planned(known: Known, *, own_act: bool = False) -> Entry | None:
    """The opt-out of somebody whom an earlier row of the file opts out or brings back: it is not in the ledger yet."""
    entries = (entry for entry in known.consents if entry.event == Event.OPT_OUT and entry.scope == Scope.MARKETING)
    return next((entry for entry in entries if entry.own_act or not own_act), None)


def _day(person: Person) -> datetime | None:
    """When they agreed: from the first moment of the day, as long as nobody knows better."""
    return timezone.make_aware(datetime.combine(person.opt_in_date, time())) if person.opt_in_date else None


def _refuses(person: Person) -> bool:
    """The row itself says that this person gets no texts: whatever else it says, it is no opt-in."""
    return any(person.values.get(name) for name in BLOCKS)
