"""May this contact be texted, and why or why not: every rule in its order."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts import blocks, decision, looks, slots
from contacts.views.contact_page import get_contact


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def why(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The decision of this moment for marketing and for a one-off text, in words."""
    contact = get_contact(request, contact_id)
    decided = decision.explain(contact)
    readable = {each.noun for each in blocks.REGISTERS if request.user.has_perm(each.permission("view"))}
    context = {
        "contact": contact,
        "decision": decided,
        "answers": [("marketing", looks.of_reason(decided.marketing)), ("one_off", looks.of_reason(decided.one_off))],
        "ends": {each.noun for each in blocks.REGISTERS if request.user.has_perm(each.permission("change"))},
        "past": [line for line in decided.past if line.register.noun in readable],
        "readable": readable,
        "questions": [(action.label, action.icon, action.url(contact)) for action in slots.contact_questions if request.user.has_perm(action.permission)],
    }
    return render(request, "contacts/why.html", context)
