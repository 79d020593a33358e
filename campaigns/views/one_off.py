"""Send SMS: a text to one person or a few chosen ones, from a contact's page, from lists, or from scratch."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from campaigns import vocabulary, wording
from campaigns.forms.keys import renew_key
from campaigns.forms.one_off import OneOffForm
from campaigns.models import Message
from campaigns.services import quick_send
from campaigns.services.errors import CampaignError
from campaigns.views import recipients as chosen_numbers
from campaigns.views.people import decorate_messages
from campaigns.views.recipients import Recipients
from campaigns.views.text import being_written, counter_for_numbers, limit_for
from campaigns.wizard.picker import ids
from contacts import selection
from contacts.models import Activity
from providers.models import Provider

MANY = 50  # above it, a mailing is the better way
FOLLOW = timedelta(minutes=10)  # so long the confirmation asks for news


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.add_message", raise_exception=True)
def send(request: HttpRequest) -> HttpResponse:
    """The form; a list posts its selection here, the form posts itself."""
    if request.method == "GET" or "key" not in request.POST:
        return _fresh(request, request.POST if request.method == "POST" else request.GET)
    recipients = _posted_recipients(request)
    do = request.POST.get("do", "send")
    if do == "find":
        return _page(request, OneOffForm(initial=request.POST.dict()), recipients, found=_found(request, recipients))
    if do in ("template", "template-sure"):
        return _use_template(request, recipients)
    return _send(request, recipients)


def _fresh(request: HttpRequest, data: Any) -> HttpResponse:
    contacts = selection.chosen(data, request.user)
    recipients = chosen_numbers.of_contacts(contacts) if data.get("all") or data.getlist("contact") else Recipients()
    origin = next((choice for _provider, choices in OneOffForm().fields["origin"].choices for choice, _words in choices), "")  # type: ignore[attr-defined]
    return _page(request, OneOffForm(initial={"key": uuid.uuid4(), "origin": origin}), recipients, untouched=True)


def _posted_recipients(request: HttpRequest) -> Recipients:
    left = selection.visible_to(request.user).filter(id__in=ids(request.POST.getlist("left"))[: quick_send.MOST_AT_ONCE])
    return chosen_numbers.of_numbers(ids(request.POST.getlist("to"))[: quick_send.MOST_AT_ONCE + 1], left, request.user)


def _found(request: HttpRequest, recipients: Recipients) -> list[Any]:
    provider = chosen_numbers.provider_of(request.POST.get("origin", ""))
    return chosen_numbers.suggest(request.POST.get("q", ""), request.user, without=list(recipients.ids), provider=provider)


def _use_template(request: HttpRequest, recipients: Recipients) -> HttpResponse:
    """Without script: the template's text in the box, once somebody agreed to lose what stands there."""
    form = OneOffForm(request.POST)
    form.is_valid()
    template, text = form.cleaned_data.get("template"), request.POST.get("text", "")
    initial = request.POST.dict()
    if template is None:
        return _page(request, OneOffForm(initial=initial), recipients)
    if text.strip() and text.strip() != template.text.strip() and request.POST["do"] != "template-sure":
        return _page(request, OneOffForm(initial=initial), recipients, replacing=template)
    return _page(request, OneOffForm(initial=initial | {"text": template.text}), recipients)


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
    if (trouble := _too_long(request, form, recipients)) is not None:
        return trouble
    if len(recipients.numbers) > MANY and "sure" not in request.POST:
        return _page(request, form, recipients, many=True)
    return _queue(request, form, recipients)


def _too_long(request: HttpRequest, form: OneOffForm, recipients: Recipients) -> HttpResponse | None:
    limit = limit_for(request.user, request.POST.get("origin", ""))
    counter = counter_for_numbers(form.cleaned_data["text"], list(recipients.ids), user=request.user, limit=limit)
    if not counter.too_many:
        return None
    form.add_error(
        "text", _("The text has %(segments)s segments, at most %(limit)s may be sent. Shorten it.") % {"segments": counter.size.segments, "limit": limit}
    )
    return _page(request, form, recipients)


def _queue(request: HttpRequest, form: OneOffForm, recipients: Recipients) -> HttpResponse:
    data = form.cleaned_data
    provider, sender = data["origin"]
    try:
        quick_send.queue(
            author=request.user, provider=provider, sender=sender, subject=data["subject"], text=data["text"],
            recipients=recipients.pairs, template=data["template"], key=str(data["key"]), most_segments=limit_for(request.user, request.POST.get("origin", "")),
        )  # fmt: skip
    except CampaignError as error:
        if error.code == "already_sent":
            renew_key(form)
        form.add_error(None, error.message)
        return _page(request, form, recipients)
    return redirect("campaigns:sent", data["key"])


def _page(request: HttpRequest, form: OneOffForm, recipients: Recipients, **context: Any) -> HttpResponse:
    text, origin = being_written(str(form["text"].value() or "")), str(form["origin"].value() or "")
    no_provider = not Provider.objects.active().exists()
    context |= {
        "form": form,
        "recipients": recipients,
        "counter": counter_for_numbers(text, list(recipients.ids), user=request.user, limit=limit_for(request.user, origin)),
        "tokens": vocabulary.choices(),
        "no_provider": no_provider,
        "refused": chosen_numbers.refused_by(chosen_numbers.provider_of(origin), recipients.numbers),
        "nobody": recipients.total > 0 and not recipients.numbers,
        "q": request.POST.get("q", "") if "found" in context else "",
        "now": timezone.now(),
    }
    return render(request, "campaigns/send.html", context)


@require_GET
@permission_required("campaigns.add_message", raise_exception=True)
def numbers(request: HttpRequest) -> HttpResponse:
    """Suggestions for a name or number: numbers that can be texted; those that the chosen provider may not text say so."""
    q, provider = request.GET.get("q", ""), chosen_numbers.provider_of(request.GET.get("origin", ""))
    found = chosen_numbers.suggest(q, request.user, without=ids(request.GET.getlist("to")), provider=provider)
    return render(request, "campaigns/_suggestions.html", {"found": found, "q": q})


@require_GET
@permission_required("campaigns.add_message", raise_exception=True)
def sent(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """What was queued, for whom; the states change by themselves until nothing moves."""
    queued = list(Message.objects.filter(idempotency_key__startswith=f"{key}:", author=request.user).with_stage().select_related("provider").order_by("id"))
    if not queued:
        raise Http404
    decorate_messages(queued)
    activities = dict(Activity.objects.filter(kind=Activity.Kind.SMS_SENT, source__in=[message.pk for message in queued]).values_list("source", "id"))
    for message in queued:
        message.activity_id = activities.get(message.pk)  # type: ignore[attr-defined]
    moving = any(message.stage in wording.MOVING for message in queued)
    context = {"queued": queued, "key": key, "poll": moving and timezone.now() - queued[0].created_at < FOLLOW}
    return render(request, "campaigns/_sent.html" if request.htmx else "campaigns/sent.html", context)  # type: ignore[attr-defined]
