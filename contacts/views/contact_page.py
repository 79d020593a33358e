"""A contact's page: its head, and the tabs Summary and Groups."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from contacts import custom_values, eligibility, ledger, looks, number_facts, slots, timeline
from contacts.duplicates import nearby
from contacts.models import Activity, Contact, CustomField, Group, Suppression
from contacts.selection import visible_to

NATURAL = {"mobile": "mobile", "fixed": "landline"}  # line -> type: where both say the same, once is enough


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def summary(request: HttpRequest, contact_id: int) -> HttpResponse:
    """What is known of the person."""
    contact = get_contact(request, contact_id)
    recent = Activity.objects.of(contact).select_related("author").order_by("-at", "-id")[:5]
    facts = [*facts_of(contact), *custom_facts(contact)]
    near = nearby.of(contact, visible_to(request.user))
    context = head(request, contact, "summary") | {"facts": facts, "lines": timeline.lines(recent), "near": near, "near_sure": nearby.sure(near)}
    context["coming"] = timeline.coming(contact, request.user)
    return render(request, "contacts/contact_summary.html", context)


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def groups(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The person's groups, with the others to join."""
    contact = get_contact(request, contact_id)
    memberships = contact.memberships.select_related("group").order_by("group__name")
    return render(request, "contacts/contact_groups.html", head(request, contact, "groups") | {"memberships": memberships})


class Merged(Http404):
    """The contact became another one: contacts.middleware leads there."""

    def __init__(self, loser: Contact, winner: Contact) -> None:
        super().__init__()
        self.loser, self.winner = loser, winner


def get_contact(request: HttpRequest, contact_id: int) -> Contact:
    """A contact that this person may see, with `reason`; else 404, or Merged when it became another one."""
    contact = eligibility.judge(visible_to(request.user).filter(pk=contact_id), marketing=True).first()
    if contact is None:
        raise _gone(request, contact_id)
    return contact


def _gone(request: HttpRequest, contact_id: int) -> Http404:
    loser = Contact.objects.filter(pk=contact_id, merged_into__in=visible_to(request.user)).select_related("merged_into").first()
    return Merged(loser, loser.merged_into) if loser and loser.merged_into else Http404()


def head(request: HttpRequest, contact: Any, tab: str) -> dict[str, Any]:
    """What all tabs of a contact share."""
    mine = list(contact.memberships.select_related("group").order_by("group__name"))
    joined = [membership.group_id for membership in mine]
    return {
        "contact": contact,
        "tab": tab,
        "look": looks.of_reason(contact.reason),
        "numbers": numbers_of(contact),
        "my_groups": [membership.group for membership in mine],
        "joinable": Group.objects.filter(archived=False).exclude(id__in=joined),
        "actions": actions_for(request, contact),
        "consent": ledger.states_of(contact),
        "stop": Suppression.objects.filter(number__in=contact.numbers.values("number"), ended_at__isnull=True).first(),
    }


def actions_for(request: HttpRequest, contact: Contact) -> list[dict[str, Any]]:
    """Entries of the Actions menu that upper apps offer to this person; one that cannot be used now says why."""
    return [
        {"label": action.label, "icon": action.icon, "url": url, "why_not": action.disabled_reason(request)}
        for action in slots.contact_actions
        if request.user.has_perm(action.permission) and (url := action.url(contact))
    ]


def numbers_of(contact: Contact) -> list[Any]:
    """The numbers, primary first, each with its look, which says no more than holds of the person."""
    rows = list(eligibility.judge_numbers(contact.numbers.order_by("-is_primary", "id"), marketing=False))
    held = dict(Suppression.objects.filter(number__in=[row.number for row in rows], ended_at__isnull=True).values_list("number", "id"))
    for row in rows:
        row.look = looks.of_reason(row.reason, looks.ONE_OFF if contact.opted_out else looks.YES)
        row.facts = number_facts.of(row.number, timezone.now())
        row.says_more = NATURAL.get(row.line) != row.kind
        row.block = held.get(row.number)
    return rows


def facts_of(contact: Contact) -> list[tuple[Any, Any]]:
    """Fields that are filled in, in the order in which people ask for them."""
    names = ("first_name", "last_name", "organisation", "email", "birth_date", "external_id")
    rows = [(_label(name), getattr(contact, name)) for name in names]
    return [(label, value) for label, value in [*rows, (_label("language"), contact.get_language_display())] if value]


def custom_facts(contact: Contact) -> list[tuple[Any, Any]]:
    """Custom fields that are filled in, in their order; those of archived ones are not shown."""
    fields = CustomField.objects.active() if contact.custom else []
    return [(field.label, custom_values.display(field.type, contact.custom[field.key])) for field in fields if field.key in contact.custom]


def _label(name: str) -> Any:
    field: Any = Contact._meta.get_field(name)
    return field.verbose_name
