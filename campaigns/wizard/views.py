"""What the steps of a new mailing share, and step 2: content. The draft row is the memory: nothing is kept in the session."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns import vocabulary, wording
from campaigns.audience import Choice
from campaigns.forms.content import ContentForm
from campaigns.models import Mailing
from campaigns.services import mailings
from campaigns.services.errors import CampaignError
from campaigns.statuses import DRAFTS
from campaigns.texts import Texts
from campaigns.views.text import being_written, counter_for_mailing
from campaigns.wizard import preview as previews
from campaigns.wizard.picker import ids


def draft(pk: int) -> Mailing:
    """A mailing with what the steps show."""
    return get_object_or_404(Mailing.objects.select_related("provider", "campaign", "template", "confirmed_by"), pk=pk)


def launched(request: HttpRequest, mailing: Mailing) -> HttpResponse | None:
    """The way out for a mailing that can no longer be changed."""
    if mailing.status in DRAFTS:
        return None
    messages.info(request, _("“%(name)s” was launched and can no longer be changed. Copy it to start from its text.") % {"name": mailing.name})
    return redirect("campaigns:mailing", mailing.pk)


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.change_mailing", raise_exception=True)
def content(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 2 of a draft."""
    mailing = draft(pk)
    if (way_out := launched(request, mailing)) is not None:
        return way_out
    if request.method == "GET":
        return _step_2(request, mailing, _content_form(request, mailing))
    do = request.POST.get("do", "")
    form = _content_form(request, mailing, request.POST, going_on=do == "next")
    if do in ("template", "template-sure"):
        return _use_template(request, mailing, form)
    if not form.is_valid():
        return _step_2(request, mailing, form)
    try:
        kept = _keep_content(request, mailing, form.cleaned_data)
        if do == "next":
            mailings.prepare(kept, request.user)
    except CampaignError as error:
        return _step_2(request, mailing, form, problem=error)
    return redirect({"next": "campaigns:plan", "back": "campaigns:recipients"}.get(do, "campaigns:drafts"), *([mailing.pk] if do in ("next", "back") else []))


def _content_form(request: HttpRequest, mailing: Mailing, data: Any = None, *, going_on: bool = False) -> ContentForm:
    origin = f"{mailing.provider_id}:{mailing.sender}" if mailing.provider_id else None
    initial = {"template": mailing.template_id, "max_segments": mailing.max_segments, "text": mailing.text, "version": mailing.version}
    initial |= {"origin": origin} if origin else {}
    return ContentForm(data, initial=initial, long_texts=request.user.has_perm("campaigns.long_texts"), going_on=going_on)


def _keep_content(request: HttpRequest, mailing: Mailing, data: dict[str, Any]) -> Mailing:
    provider, sender = data["origin"] or (None, "")
    most = data.get("max_segments") or mailing.max_segments
    return mailings.save_content(
        mailing,
        by=request.user,
        version=data["version"] or 0,
        provider=provider,
        sender=sender,
        texts=Texts(data["text"], mailing.language, mailing.translations),
        template=data["template"],
        max_segments=most,
    )


def _use_template(request: HttpRequest, mailing: Mailing, form: ContentForm) -> HttpResponse:
    """Without script: the template's text in the box, once somebody agreed to lose what stands there."""
    form.is_valid()
    template, text = form.cleaned_data.get("template"), request.POST.get("text", "")
    if template is None:
        return _step_2(request, mailing, form)
    if text.strip() and text.strip() != template.text.strip() and request.POST["do"] != "template-sure":
        return _step_2(request, mailing, form, replacing=template)
    data = request.POST.copy()
    data["text"] = template.text
    return _step_2(request, mailing, _content_form(request, mailing, data))


def _step_2(request: HttpRequest, mailing: Mailing, form: ContentForm, *, problem: CampaignError | None = None, replacing: Any = None) -> HttpResponse:
    text = being_written(str(form["text"].value() or ""))
    context = {
        "mailing": mailing,
        "form": form,
        "problem": problem,
        "replacing": replacing,
        "counter": counter_for_mailing(mailing, text, limit=_limit(form, mailing)),
        "preview": previews.show(mailing, text),
        "tokens": vocabulary.choices(),
        "state": wording.MAILINGS[mailing.status],
        "nobody": not Choice.of(mailing),
        "now": timezone.now(),
    }
    return render(request, "campaigns/step_content.html", context)


def _limit(form: ContentForm, mailing: Mailing) -> int:
    value = str(form["max_segments"].value() or "") if "max_segments" in form.fields else ""
    return next(iter(ids([value])), mailing.max_segments)


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.change_mailing", raise_exception=True)
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """One recipient's text; what is being written may be posted with it."""
    mailing = draft(pk)
    data = request.POST if request.method == "POST" else request.GET
    text = being_written(data.get("text", mailing.text))
    place = {name: next(iter(ids([data.get(name, "")])), None) for name in ("at", "after", "before")}
    shown = previews.show(mailing, text, **place, longest=data.get("who") == "longest")
    template = "campaigns/_preview.html" if request.htmx else "campaigns/preview.html"  # type: ignore[attr-defined]
    return render(request, template, {"mailing": mailing, "preview": shown, "now": timezone.now()})
