"""The people behind each figure of the live count, while their audience is still being chosen."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import F, Min, QuerySet, Window
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import wording
from campaigns.audience import parts_with
from campaigns.wizard.picker import Picker
from campaigns.wizard.recipients import is_marketing, mailing_of, rules_of
from contacts import eligibility, explanations, number_facts
from contacts.models import Contact
from smsapp.common import listing
from smsapp.common.bidi import isolated


@require_safe
@permission_required("campaigns.change_mailing", raise_exception=True)
def left_out(request: HttpRequest, reason: str) -> HttpResponse:
    """Chosen people whom a reason leaves out."""
    if reason not in eligibility.LABELS:
        raise Http404
    audience = Picker.read(request.GET).choice.audience()
    mailing = mailing_of(request)
    people = eligibility.judge(audience.contacts(), marketing=is_marketing(mailing), extra=rules_of(mailing))
    found = _second_of_a_number(people) if reason == "duplicate_number" else people.filter(reason=reason)
    words = {"title": _("Left out: %(reason)s") % {"reason": wording.reason(reason)}, "meaning": explanations.meaning(reason)}
    return _page(request, found, words | {"nobody": _("Nobody is left out for this reason.")})


@require_safe
@permission_required("campaigns.change_mailing", raise_exception=True)
def taken_out(request: HttpRequest, key: str) -> HttpResponse:
    """Included people whom one excluded group or mailing takes out again."""
    if not (parts := parts_with([key])):
        raise Http404
    found = Picker.read(request.GET).choice.taken_out_by(key).audience().taken_out()
    title = _("Taken out by “%(name)s”") % {"name": isolated(parts[0].name)}
    words = {"title": title, "meaning": _("Who is included and excluded is excluded, whatever else holds.")}
    return _page(request, found, words | {"nobody": _("Nobody of the included people is taken out by it.")})


def _page(request: HttpRequest, people: QuerySet[Any], words: dict[str, Any]) -> HttpResponse:
    page = listing.paginate(people, request, order=("sort_name", "id"), label=lambda contact: contact.list_name)
    numbers = number_facts.by_contact(page)
    for person in page:
        person.number = numbers[person.pk]
    return render(request, "campaigns/candidates.html", {"page": page, "mailing": mailing_of(request), **words})


def _second_of_a_number(people: QuerySet[Any]) -> QuerySet[Contact]:
    """Everybody but the lowest id of each number: that one keeps it."""
    willing = people.filter(reason__isnull=True)
    first = Window(Min("id"), partition_by=[F("sms_number")])
    later = willing.annotate(first=first).filter(id__gt=F("first")).values("id")
    return Contact.objects.filter(id__in=later)
