"""Create, change, delete and restore contacts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Activity, Contact, CustomField
from contacts.services import consent, custom_fields, history, numbers, tags
from contacts.services.errors import ContactsError
from smsapp.common.bidi import isolated

if TYPE_CHECKING:
    from smsapp.accounts.models import User

OWN = ("first_name", "last_name", "organisation", "email", "language", "birth_date", "external_id", "do_not_sms", "opted_out", "deceased")
FIELDS = (*OWN, "tags")


def save_contact(
    contact: Contact | None = None,
    *,
    author: "User | None" = None,
    phones: Sequence[numbers.Entry] | None = None,
    custom: Mapping[str, Any] | None = None,
    seen: datetime | None = None,
    region: str = "FR",
    said: bool = False,
    **values: Any,
) -> Contact:
    """Create a contact, or change these fields of one; `phones` replaces all of its numbers, None leaves them.

    `custom` holds new values of custom fields by key, as `custom_values.clean` reads them in `region`; those it does not name stay.
    `tags` replaces all of them. `said`: a new opt-out is what the person said, and no decision of ours. `seen` is the contact's
    `updated_at` when somebody began to edit it. Raises ContactsError when it has been changed since, when a value cannot be taken, when
    another contact has the external id, or when a flag would lift the person's own opt-out.
    """
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise TypeError(f"no such field: {', '.join(sorted(unknown))}")
    code = "edited" if contact else "created"
    contact = contact or Contact()
    try:
        with transaction.atomic():
            if "tags" in values:
                values["tags"] = tags.spelled(values["tags"])
            if seen:
                _check_unchanged(contact, seen, {**values, "custom": custom or {}}, phones)
            if custom:
                values["custom"] = custom_fields.merged(_custom_of(contact), custom, region=region)
            flags = {name: values[name] for name in consent.FLAGS.values() if name in values}
            stored = consent.flags_of(contact) if flags else {}
            for name, value in values.items():
                setattr(contact, name, value)
            contact.save(update_fields=[*values, "updated_at"] if contact.pk else None)
            if phones is not None:
                numbers.replace(contact, phones)
            history.record(contact, Activity.Kind.CHANGE, code, author=author)
            consent.save_flags(contact, flags, before=stored, author=author, said=said)
    except IntegrityError as problem:
        raise _taken(problem) from problem
    return contact


def _custom_of(contact: Contact) -> dict[str, Any]:
    """As stored now, locked, so that two people who fill in different fields both keep theirs."""
    return Contact.objects.select_for_update(of=("self",)).values_list("custom", flat=True).get(id=contact.pk) if contact.pk else {}


def _check_unchanged(contact: Contact, seen: datetime, values: Mapping[str, Any], phones: Sequence[numbers.Entry] | None) -> None:
    stored = Contact.objects.select_for_update(of=("self",)).filter(id=contact.pk).first()
    if stored and stored.updated_at == seen:
        return
    named = ", ".join(_overwritten(stored, values, phones)) if stored else ""
    if named:
        words = _(
            "Somebody changed this contact while you edited it. Something else than yours is stored now: %(fields)s. Compare with its page, then save again "
            "to keep yours."
        )
        raise ContactsError("changed_meanwhile", words % {"fields": named})
    raise ContactsError("changed_meanwhile", _("Somebody changed this contact while you edited it. Compare with its page, then save again to keep yours."))


def _overwritten(stored: Contact, values: Mapping[str, Any], phones: Sequence[numbers.Entry] | None) -> list[str]:
    """Labels of the fields that would not stay as they are stored."""
    own = [str(Contact._meta.get_field(name).verbose_name) for name in FIELDS if name in values and getattr(stored, name) != values[name]]  # type: ignore[union-attr]
    labels = dict(CustomField.objects.values_list("key", "label"))
    custom = [labels.get(key, key) for key, value in values["custom"].items() if (stored.custom.get(key) or None) != (value or None)]
    has = {(row.number, row.kind, row.is_primary) for row in stored.numbers.all()}
    return [*own, *custom, *([str(_("numbers"))] if phones is not None and {tuple(entry) for entry in phones} != has else [])]


def _check_not_merged(contact: Contact) -> None:
    stored = Contact.objects.select_for_update(of=("self",)).filter(id=contact.pk).first()
    if stored and stored.merged_into:
        facts = {"name": stored.name, "winner": stored.merged_into.name}
        words = _("%(name)s was merged into %(winner)s, who has the numbers, groups and history now. A merge cannot be taken back by Undo.")
        raise ContactsError("merged", words % facts)


def _taken(problem: IntegrityError) -> Exception:
    if "contact_external_id_once" in str(problem):
        return ContactsError("external_id_taken", _("Another contact has this external id. Leave it empty, or change the other contact first."), "external_id")
    return problem


def _taken_meanwhile(contact: Contact, problem: IntegrityError) -> Exception:
    holder = Contact.objects.active().filter(external_id=contact.external_id).first()
    if holder is None:
        return _taken(problem)
    facts = {"name": contact.name, "other": holder.name, "key": isolated(contact.external_id)}
    words = _("%(name)s stays deleted: %(other)s has the external id %(key)s now. Change or empty it there first, then restore.")
    return ContactsError("external_id_taken", words % facts, "external_id")


@transaction.atomic
def delete(contact: Contact, *, author: "User | None" = None) -> bool:
    """Delete softly, once: nobody sees or texts the contact, `restore` brings it back. False when somebody was faster."""
    now = timezone.now()
    if not Contact.objects.filter(id=contact.pk, deleted_at__isnull=True).update(deleted_at=now, updated_at=now):
        return False
    history.record(contact, Activity.Kind.CHANGE, "deleted", author=author)
    contact.deleted_at = now
    return True


def restore(contact: Contact, *, author: "User | None" = None) -> bool:
    """Bring a deleted contact back. False when it is not deleted.

    ContactsError when its external id was taken meanwhile, or when it was merged: its numbers, groups and history belong to whom it became.
    """
    try:
        with transaction.atomic():
            _check_not_merged(contact)
            if not Contact.objects.filter(id=contact.pk, deleted_at__isnull=False).update(deleted_at=None, updated_at=timezone.now()):
                return False
            history.record(contact, Activity.Kind.CHANGE, "restored", author=author)
    except IntegrityError as problem:
        raise _taken_meanwhile(contact, problem) from problem
    contact.deleted_at = None
    return True
