"""Make one contact of several: all in one transaction, the rows locked in the order of their ids.

Numbers, groups and activities move to the contact that stays; messages and entries of the consent ledger keep naming whom they were
about and are read through `merged_into`. The others become deleted contacts whose pages forward.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts import tags
from contacts.duplicates.choices import Choices, Outcome, outcome
from contacts.models import Activity, ConsentEntry, Contact, PhoneNumber
from contacts.services import consent, duplicates, history, numbers
from contacts.services.errors import ContactsError
from contacts.signals import contacts_merged
from smsapp.common import audit, locks

if TYPE_CHECKING:
    from smsapp.accounts.models import User

TRIES = 3
MOST = 5  # contacts at once: more cannot be compared by eye


def merge(contact_ids: Sequence[int], choices: Choices, *, seen: Mapping[int, datetime], author: "User | None" = None) -> Contact:
    """Merge these contacts into `choices.winner`. `seen` is each one's `updated_at` when somebody compared them.

    Raises ContactsError, with nothing changed: the same contact twice, too many, deleted or merged or changed meanwhile.
    """
    for _try in range(TRIES - 1):
        try:
            return _merge(contact_ids, choices, seen, author)
        except OperationalError as problem:  # somebody held a group's rows and wanted ours: once more, from the start
            if locks.code_of(problem) != locks.DEADLOCK:
                raise
    return _merge(contact_ids, choices, seen, author)


def _merge(contact_ids: Sequence[int], choices: Choices, seen: Mapping[int, datetime], author: "User | None") -> Contact:
    with transaction.atomic():
        people = _locked(contact_ids)
        _check(people, choices, seen)
        winner, losers = people[choices.winner], [person for person in people.values() if person.pk != choices.winner]
        made = outcome(list(people.values()), choices)
        if not made.has_name:
            raise ContactsError("no_name", _("Keep at least a name, an organisation or an e-mail, so that this contact can be found again."))
        if len(made.tags) > tags.MOST:
            words = _("Together they have %(n)s tags, and a contact has at most %(most)s. Take some off first.")
            raise ContactsError("too_many_tags", words % {"n": len(made.tags), "most": tags.MOST})
        _take_in(winner, losers, made, choices.primary, author)
        contacts_merged.send(sender=Contact, winner=winner, loser_ids=[loser.pk for loser in losers])
    return winner


def look(contact_ids: Sequence[int], choices: Choices, *, seen: Mapping[int, datetime]) -> None:
    """Raise the ContactsError that `merge` would raise now, changing nothing; what only the rows tell is found when it runs."""
    _check(_found(contact_ids, Contact.objects.all()), choices, seen)


def _locked(contact_ids: Sequence[int]) -> dict[int, Contact]:
    return _found(contact_ids, Contact.objects.select_for_update(of=("self",)))


def _found(contact_ids: Sequence[int], contacts: QuerySet[Contact]) -> dict[int, Contact]:
    wanted = set(contact_ids)
    if len(wanted) < 2:
        raise ContactsError("same_contact", _("It takes two different contacts to merge. Choose another one."))
    if len(wanted) > MOST:
        raise ContactsError("too_many", _("At most 5 contacts can be merged at once. Choose fewer, and merge the others afterwards."))
    people = {person.pk: person for person in contacts.filter(id__in=wanted).order_by("id")}
    if len(people) < len(wanted):
        raise ContactsError("gone", _("One of these contacts does not exist any more. Look for duplicates again."))
    return people


def _check(people: Mapping[int, Contact], choices: Choices, seen: Mapping[int, datetime]) -> None:
    for person in people.values():
        if person.merged_into:  # a query of its own: a join would show it as it was before the lock
            facts = {"name": person.name, "winner": person.merged_into.name}
            raise ContactsError("already_merged", _("%(name)s was merged into %(winner)s meanwhile. Nothing more was changed.") % facts)
        if person.deleted_at:
            raise ContactsError("deleted", _("%(name)s was deleted meanwhile. Nothing was changed.") % {"name": person.name})
    if choices.winner not in people:
        raise ContactsError("no_winner", _("Choose whose page stays."))
    for person in people.values():
        if seen.get(person.pk) != person.updated_at:
            words = _("%(name)s was changed since this page was shown. Look at the values once more, then merge.")
            raise ContactsError("changed_meanwhile", words % {"name": person.name})


def _take_in(winner: Contact, losers: list[Contact], made: Outcome, primary: str, author: "User | None") -> None:
    ids = [loser.pk for loser in losers]
    before = {person.pk: {flag: getattr(person, flag) for flag in consent.FLAGS.values()} for person in [winner, *losers]}
    former = winner.external_id
    _close(winner, ids)
    _write(winner, made)
    _move_numbers(winner, ids, primary)
    _move_groups(winner, ids)
    Activity.objects.filter(contact__in=ids).update(contact=winner)
    duplicates.forget_merged(winner.pk, ids)
    _document_consent(winner, losers, before, author)
    for loser in losers:
        code = "merged_known" if loser.external_id else "merged"
        history.record(winner, Activity.Kind.CHANGE, code, details=f"{_plain(loser.name)}\n{loser.external_id}", author=author)
    if former and former != winner.external_id:
        history.record(winner, Activity.Kind.CHANGE, "former_id", details=former, author=author)
    audit.note(winner, "merged", author, contacts=", ".join(f"{loser.pk}: {named(loser)}" for loser in losers))


def _close(winner: Contact, ids: Sequence[int]) -> None:
    """The losers leave the world, and those who were merged into them earlier lead on to the winner: a chain has one link."""
    now = timezone.now()
    Contact.objects.filter(id__in=ids).update(merged_into=winner, deleted_at=now, updated_at=now)
    Contact.objects.filter(merged_into__in=ids).update(merged_into=winner)


def _write(winner: Contact, made: Outcome) -> None:
    fields = {**made.values, **made.flags, "custom": made.custom, "tags": made.tags, "created_at": made.created_at}
    for name, value in fields.items():
        setattr(winner, name, value)
    winner.save(update_fields=[*fields, "updated_at"])


def _move_numbers(winner: Contact, ids: Sequence[int], primary: str) -> None:
    """Each number once; where two of them have it, the winner's row stays, else the older one."""
    people = [winner.pk, *ids]
    rows = list(PhoneNumber.objects.filter(contact__in=people))
    rows.sort(key=lambda row: (row.contact_id != winner.pk, row.contact_id, not row.is_primary, row.pk))
    kept = {row.number: row for row in reversed(rows)}
    if len(kept) > numbers.MOST:
        words = _("Together they have %(n)s numbers, and a contact holds at most %(most)s. Delete some first.")
        raise ContactsError("too_many_numbers", words % {"n": len(kept), "most": numbers.MOST})
    if primary and primary not in kept:
        raise ContactsError("no_such_number", _("None of them has the number that was chosen as primary any more. Choose another one."))
    PhoneNumber.objects.filter(contact__in=people).exclude(id__in=[row.pk for row in kept.values()]).delete()
    PhoneNumber.objects.filter(contact__in=people).update(contact=winner, is_primary=False)
    if first := primary or next((row.number for row in rows), ""):  # the winner's own primary, else the first loser's
        PhoneNumber.objects.filter(contact=winner, number=first).update(is_primary=True)
    numbers.refresh(people)
    winner.refresh_from_db(fields=["sms_number", "sms_country", "reach"])


GROUPS = """
    INSERT INTO contacts_removal (group_id, contact_id, author_id, at)
    SELECT group_id, %(winner)s, (array_agg(author_id ORDER BY at DESC))[1], max(at) FROM contacts_removal WHERE contact_id = ANY(%(losers)s) GROUP BY group_id
        ON CONFLICT (group_id, contact_id) DO NOTHING;
    INSERT INTO contacts_membership AS m (group_id, contact_id, added_at, by_hand)
    SELECT group_id, %(winner)s, min(added_at), bool_or(by_hand) FROM contacts_membership WHERE contact_id = ANY(%(losers)s) GROUP BY group_id
        ON CONFLICT (group_id, contact_id) DO UPDATE SET added_at = least(m.added_at, excluded.added_at), by_hand = m.by_hand OR excluded.by_hand;
    DELETE FROM contacts_removal WHERE contact_id = ANY(%(losers)s);
    DELETE FROM contacts_membership AS m WHERE contact_id = ANY(%(losers)s)
        OR contact_id = %(winner)s AND EXISTS (SELECT 1 FROM contacts_removal AS r WHERE r.group_id = m.group_id AND r.contact_id = m.contact_id)
"""


def _move_groups(winner: Contact, ids: Sequence[int]) -> None:
    """Groups are united; whoever of them was taken out of a smart group by hand keeps the winner out of it."""
    with connection.cursor() as cursor:
        for statement in GROUPS.split(";"):
            cursor.execute(statement, {"winner": winner.pk, "losers": list(ids)})


def _document_consent(winner: Contact, losers: Sequence[Contact], before: Mapping[int, Mapping[str, bool]], author: "User | None") -> None:
    """Where they did not agree, the ledger says which word holds now and why."""
    for scope, flag in consent.FLAGS.items():
        said = {flags[flag] for flags in before.values()}
        if len(said) > 1:
            words: dict[str, Any] = {"event": ConsentEntry.Event.OPT_OUT, "source": ConsentEntry.Source.MERGE, "scope": scope}
            details = ", ".join(named(loser) for loser in losers)
            consent.record(winner, **words, number=winner.sms_number or "", details=details, author=author)


def named(contact: Contact) -> str:
    """Name and external id, for ledgers that are read in any language."""
    return f"{_plain(contact.name)} ({contact.external_id})" if contact.external_id else _plain(contact.name)


def _plain(text: str) -> str:
    return " ".join(text.split())
