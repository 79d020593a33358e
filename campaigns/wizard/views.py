"""What the steps of a new mailing share, and step 2: content. The draft row is the memory: nothing is kept in the session."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns import wording
from campaigns.audience import Choice
from campaigns.composing import acts, readers
from campaigns.composing.acts import Acted
from campaigns.composing.component import Composer
from campaigns.composing.home import home_of
from campaigns.composing.readers import OfMailing
from campaigns.composing.showing import Place
from campaigns.composing.written import Written
from campaigns.forms import sender
from campaigns.forms.content import ContentForm
from campaigns.models import Mailing
from campaigns.models.mailing import Role
from campaigns.services import composed, mailings, series
from campaigns.services.errors import CampaignError
from campaigns.services.keeping import Keep
from campaigns.statuses import DRAFTS
from campaigns.texts import Texts
from campaigns.wizard import meanwhile
from smsapp.common.bidi import isolated


def draft(pk: int) -> Mailing:
    """A mailing with what the steps show."""
    return get_object_or_404(Mailing.objects.select_related("provider", "campaign", "template", "confirmed_by"), pk=pk)


def launched(request: HttpRequest, mailing: Mailing) -> HttpResponse | None:
    """The way out for a mailing that can no longer be changed."""
    if mailing.status in DRAFTS:
        return None
    messages.info(request, _("“%(name)s” was launched and can no longer be changed. Copy it to start from its text.") % {"name": isolated(mailing.name)})
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
    if (acted := acts.act(request, ContentForm.base_fields)) is not None:
        return _step_2(request, mailing, _content_form(request, mailing, initial=acted.initial), acted=acted)
    form = _content_form(request, mailing, request.POST, strict=do == "next")
    if not form.is_valid():
        return _step_2(request, mailing, form)
    try:
        kept = _keep_content(request, mailing, form)
        if do != "test" and (home := home_of(kept)):
            return redirect(home.url)
        if do == "next":
            mailings.prepare(kept, request.user)
    except CampaignError as error:
        return _step_2(request, mailing, form, problem=error, clash=meanwhile.in_content(error, mailing, form, request.user))
    if do == "test":
        return redirect(f"{reverse('campaigns:test_new')}?{urlencode({'mailing': mailing.pk, 'reader': request.POST.get('at', '')})}")
    return redirect({"next": "campaigns:plan", "back": "campaigns:recipients"}.get(do, "campaigns:drafts"), *([mailing.pk] if do in ("next", "back") else []))


def _content_form(request: HttpRequest, mailing: Mailing, data: Any = None, *, initial: Any = None, strict: bool = False) -> ContentForm:
    long_texts = request.user.has_perm("campaigns.long_texts")
    return ContentForm(data, initial=_remembered(mailing) if initial is None else initial, long_texts=long_texts, strict=strict, mailing=mailing)


def _remembered(mailing: Mailing) -> dict[str, Any]:
    origin = {"origin": f"{mailing.provider_id}:{mailing.sender}" if mailing.provider_id else sender.first()}
    template = {"template": mailing.template_id, "template_seen": mailing.template.version} if mailing.template else {}
    settings = {"max_segments": mailing.max_segments, "kind": mailing.kind, "series": mailing.series, "version": mailing.version}
    return {**ContentForm.initial_of(Texts.of(mailing)), **origin, **template, **settings}


def _keep_content(request: HttpRequest, mailing: Mailing, form: ContentForm) -> Mailing:
    data = form.cleaned_data
    provider, name = data["origin"] or (None, "")
    return composed.save(
        mailing, Keep.asked(data, request.user), form.texts, request.user, version=data["version"] or 0, provider=provider, sender=name,
        template=data["template"], max_segments=data.get("max_segments") or mailing.max_segments, kind=data["kind"] or mailing.kind,
        series=data["series"],
    )  # fmt: skip


def _step_2(request: HttpRequest, mailing: Mailing, form: ContentForm, *, acted: Acted | None = None, **context: Any) -> HttpResponse:
    written = Written.of(form)
    context |= {
        "mailing": mailing,
        "form": form,
        "composer": Composer.on(request, form, OfMailing.of(mailing, written), acted),
        "state": wording.MAILINGS[mailing.status],
        "known_series": series.known(),
        "nobody": not Choice.of(mailing) and mailing.role != Role.CONTENT,
        "home": home_of(mailing),
        "now": timezone.now(),
    }
    return render(request, "campaigns/step_content.html", context)


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.change_mailing", raise_exception=True)
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """One recipient's text after the other, as the mailing is kept."""
    mailing = draft(pk)
    composer = as_kept(request, mailing)
    template = "campaigns/_composer_preview.html" if request.htmx else "campaigns/preview.html"  # type: ignore[attr-defined]
    return render(request, template, {"mailing": mailing, "composer": composer, "ask": request.path, "oob": True, "home": home_of(mailing)})


def as_kept(request: HttpRequest, mailing: Mailing) -> Composer:
    """What was kept, with a preview of its recipients."""
    return Composer(request.user, readers.kept(mailing), Written.kept(mailing), place=Place.read(request.POST))
