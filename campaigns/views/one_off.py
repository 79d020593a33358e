"""Send SMS: a text to one person or a few chosen ones, from a contact's page, from lists, or from scratch."""

import uuid
from collections import Counter
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from campaigns.composing import acts
from campaigns.composing.acts import Acted
from campaigns.composing.component import Composer
from campaigns.composing.readers import OfNumbers, limit_for
from campaigns.composing.written import Written
from campaigns.forms import sender
from campaigns.forms.keys import renew_key
from campaigns.forms.one_off import OneOffForm
from campaigns.forms.schedule import WhenFields, in_an_hour, zone
from campaigns.services import composed, quick_send, scheduled
from campaigns.services.errors import CampaignError
from campaigns.services.keeping import Keep
from campaigns.views import quiet
from campaigns.views import recipients as chosen_numbers
from campaigns.views.recipients import Recipients
from campaigns.wizard import times
from campaigns.wizard.moments import Moment, zone_name
from campaigns.wizard.picker import ids
from contacts import selection
from contacts.models import PhoneNumber
from providers.models import Provider

MANY = 50  # above it, a mailing is the better way
FIELD_OF = {"too_long": "text", "empty_text": "text", "name_taken": "new_name", "no_text": "text", "past": "hour"}  # where an error of the service is shown


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.add_message", raise_exception=True)
def send(request: HttpRequest) -> HttpResponse:
    """The form; a list posts its selection here, the form posts itself."""
    if request.method == "GET" or "key" not in request.POST:
        return _fresh(request, request.POST if request.method == "POST" else request.GET)
    recipients = _posted_recipients(request)
    if request.POST.get("do") == "find":
        return _page(request, OneOffForm(initial=acts.Acted(request.POST).initial), recipients, found=_found(request, recipients))
    if (acted := acts.act(request, OneOffForm.base_fields)) is not None:
        return _page(request, OneOffForm(initial=acted.initial), recipients, acted=acted)
    return _send(request, recipients)


def _fresh(request: HttpRequest, data: Any) -> HttpResponse:
    contacts = selection.chosen(data, request.user)
    recipients = chosen_numbers.of_contacts(contacts) if data.get("all") or data.getlist("contact") else Recipients()
    return _page(request, OneOffForm(initial={"key": uuid.uuid4(), "origin": sender.first(), **in_an_hour()}), recipients, untouched=True)


def _posted_recipients(request: HttpRequest) -> Recipients:
    left = selection.visible_to(request.user).filter(id__in=ids(request.POST.getlist("left"))[: quick_send.MOST_AT_ONCE])
    return chosen_numbers.of_numbers(ids(request.POST.getlist("to"))[: quick_send.MOST_AT_ONCE + 1], left, request.user)


def _found(request: HttpRequest, recipients: Recipients) -> chosen_numbers.Suggested:
    provider = chosen_numbers.provider_of(request.POST.get("origin", ""))
    return chosen_numbers.suggest(request.POST.get("q", ""), request.user, without=list(recipients.ids), provider=provider)


def _send(request: HttpRequest, recipients: Recipients) -> HttpResponse:
    form = OneOffForm(request.POST)
    gone = set(ids(request.POST.getlist("to"))) - recipients.ids
    if not recipients.numbers:
        form.is_valid()
        form.add_error(None, _("Nobody is chosen who can be texted. Add a name or a number."))
        return _page(request, form, recipients)
    if gone:
        form.is_valid()
        form.add_error(None, _("Something has changed since this page was shown: some people can no longer be texted. Look at the list, then send again."))
        return _page(request, form, recipients)
    if not form.is_valid():
        return _page(request, form, recipients)
    if len(recipients.numbers) > MANY and "sure" not in request.POST:
        return _page(request, form, recipients, many=True)
    if "quiet" not in request.POST and (asleep := quiet.asleep(_readers(recipients), form.cleaned_data["moment"])):
        return _page(request, form, recipients, asleep=asleep)
    return _queue(request, form, recipients)


def _readers(recipients: Recipients) -> list[quiet.Reader]:
    return [quiet.Reader(row.number, row.contact.name) for row in recipients.numbers]


def _queue(request: HttpRequest, form: OneOffForm, recipients: Recipients) -> HttpResponse:
    data = form.cleaned_data
    provider, sender = data["origin"]
    moment = data["moment"]
    try:
        composed.send(
            Keep.asked(data, request.user), form.texts, request.user, provider=provider, sender=sender, template=data["template"], subject=data["subject"],
            recipients=recipients.pairs, key=str(data["key"]), most_segments=limit_for(request.user, provider), at=moment and moment.at,
            repeat="again" in request.POST,
        )  # fmt: skip
    except CampaignError as error:
        if error.code == "said_before":
            return _page(request, form, recipients, said_before=error.message)
        if error.code == "already_sent":
            renew_key(form)
        form.add_error(FIELD_OF.get(error.code), error.message)
        return _page(request, form, recipients)
    return redirect("campaigns:sent", data["key"])


def _page(request: HttpRequest, form: OneOffForm, recipients: Recipients, acted: Acted | None = None, **context: Any) -> HttpResponse:
    moment = form.cleaned_data.get("moment") if form.is_bound else None
    no_provider = not Provider.objects.active().exists()
    context = {"many": "sure" in request.POST, "sure": "sure" in request.POST} | context
    context |= {
        "form": form,
        "recipients": recipients,
        "composer": Composer.on(request, form, OfNumbers.of(list(recipients.ids), request.user, Written.of(form)), acted),
        "no_provider": no_provider,
        "refused": chosen_numbers.refused_by(chosen_numbers.provider_of(str(form["origin"].value() or "")), recipients.numbers),
        "nobody": recipients.total > 0 and not recipients.numbers,
        "q": request.POST.get("q", "") if "found" in context else "",
        "now": timezone.now(),
        "zone": zone_name(zone()),
        "later": str(form["when"].value()) == "at",
        "scheduled": scheduled.for_user(request.user).exists(),
        **_clocks(recipients, moment),
    }
    return render(request, "campaigns/send.html", context)


def _clocks(recipients: Recipients, moment: Moment | None) -> dict[str, Any]:
    """When texts for a date and time leave, also on the clocks of the countries that they go to."""
    if moment is None:
        return {}
    countries = [country for country, _texts in Counter(row.country for row in recipients.numbers).most_common()]
    return {"moment": moment, "times": times.at(moment.at, countries, zone(), zone_name(zone()))}


@require_GET
@permission_required("campaigns.add_message", raise_exception=True)
def clocks(request: HttpRequest) -> HttpResponse:
    """The same for what is being chosen, or what is wrong with it."""
    form = WhenFields(request.GET)
    if not form.is_valid():
        return render(request, "campaigns/_send_times.html", {"refused": next(errors[0] for errors in form.errors.values())})
    chosen = PhoneNumber.objects.filter(id__in=ids(request.GET.getlist("to"))[: quick_send.MOST_AT_ONCE], contact__in=selection.visible_to(request.user))
    return render(request, "campaigns/_send_times.html", _clocks(Recipients(list(chosen)), form.cleaned_data["moment"]))


@require_GET
@permission_required("campaigns.add_message", raise_exception=True)
def numbers(request: HttpRequest) -> HttpResponse:
    """Suggestions for a name or number: numbers that can be texted; those that the chosen provider may not text say so."""
    q, provider = request.GET.get("q", ""), chosen_numbers.provider_of(request.GET.get("origin", ""))
    found = chosen_numbers.suggest(q, request.user, without=ids(request.GET.getlist("to")), provider=provider)
    return render(request, "campaigns/_suggestions.html", {"found": found, "q": q})
