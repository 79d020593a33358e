"""The list of templates, a template's page, and what it said before."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from campaigns import difference, template_uses, trials, wording
from campaigns.composing import showing
from campaigns.composing.readers import OfTemplate
from campaigns.composing.showing import Place
from campaigns.forms.template import TemplateFilters
from campaigns.models import Mailing, SmsTemplate, SmsTemplateVersion
from campaigns.texts import Texts
from campaigns.views.people import decorate_messages
from campaigns.vocabulary import Occasion
from campaigns.wizard.picker import id_in
from providers.segments import measure
from smsapp.common import listing, phone

VERSIONS_SHOWN = 10


def templates() -> QuerySet[SmsTemplate]:
    """With what their pages show."""
    return SmsTemplate.objects.select_related("provider", "changed_by")


class TemplateList(PermissionRequiredMixin, TemplateView):
    """By name; the archive apart."""

    permission_required = "campaigns.view_smstemplate"
    raise_exception = True
    template_name = "campaigns/templates.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        archived = self.request.GET.get("archived") == "1"
        filters = TemplateFilters(self.request.GET)
        chosen = filters.narrow(templates().filter(active=not archived))
        page = listing.paginate(chosen, self.request, order=("name", "id"), label=lambda template: template.name)
        decorate(page.items)
        context = {"page": page, "filters": filters, "filtered": filters.in_use, "archived": archived, "searchable": bool(page) or filters.in_use}
        context["any_archived"] = archived or SmsTemplate.objects.filter(active=False).exists()
        return super().get_context_data(**context, **kwargs)


def decorate(rows: list[SmsTemplate]) -> None:
    """Give each template what its row shows: languages, segments as written, uses."""
    uses = template_uses.of(rows)
    for row in rows:
        texts = Texts.of(row)
        row.languages = [wording.language(code) for code in texts.all if code]  # type: ignore[attr-defined]
        row.segments = max(measure(text).segments for text in texts.all.values())  # type: ignore[attr-defined]
        row.uses = uses[row.pk]  # type: ignore[attr-defined]


@require_safe
@permission_required("campaigns.view_smstemplate", raise_exception=True)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What it says, what goes with it, what it said before, where it is used."""
    template = get_object_or_404(templates(), pk=pk)
    decorate([template])
    mailings = Mailing.objects.filter(template=template).select_related("template_version", "author")
    page = listing.paginate(mailings, request, order=("-id",), size=20, label=lambda mailing: mailing.name)
    for mailing in page:
        mailing.state = wording.MAILINGS[mailing.status]
    versions = list(template.versions.select_related("author")[: VERSIONS_SHOWN + 1])
    context = {
        "template": template,
        "said": said(Texts.of(template)),
        "versions": versions[:VERSIONS_SHOWN],
        "more_versions": len(versions) > VERSIONS_SHOWN,
        "page": page,
        "elsewhere": template_uses.elsewhere(template),
        "why_kept": template_uses.why_kept(template),
        "tests": trials.listed(template.tests.filter(mailing=None)),
        "preview": showing.show(OfTemplate(request.user, Occasion(sender=template.sender, user=request.user)), Texts.of(template), Place.read(request.GET)),
        "now": timezone.now(),
    }
    return render(request, "campaigns/template.html", context)


def said(texts: Texts) -> list[dict[str, Any]]:
    """Each text with its language and size, the one for everybody else first."""
    rows = [(texts.language, texts.text, True), *((code, text, False) for code, text in sorted(texts.translations.items()))]
    several = len(rows) > 1
    return [{"language": wording.language(code), "code": code, "text": text, "main": main and several, "size": measure(text)} for code, text, main in rows]


@require_safe
@permission_required("campaigns.view_smstemplate", raise_exception=True)
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """All versions, newest first."""
    template = get_object_or_404(templates(), pk=pk)
    page = listing.paginate(template.versions.select_related("author"), request, order=("-number",), label=lambda row: _("Version %(n)s") % {"n": row.number})
    return render(request, "campaigns/template_versions.html", {"template": template, "page": page})


@require_safe
@permission_required("campaigns.view_smstemplate", raise_exception=True)
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What one version says, and its difference from another one: the one before, or any that was chosen."""
    template = get_object_or_404(templates(), pk=pk)
    shown = get_object_or_404(template.versions.select_related("author"), number=number)
    other = _compared(template, shown, request.GET.get("with", ""))
    context = {
        "template": template,
        "version": shown,
        "said": said(Texts.of(shown)),
        "other": other,
        "differences": _differences(other, shown) if other else [],
        "numbers": list(template.versions.exclude(number=number).values_list("number", flat=True)[:200]),
        "mailings": Mailing.objects.filter(template=template, template_version=shown).order_by("-id")[:20],
        "is_newest": shown.number == template.version,
    }
    return render(request, "campaigns/template_version.html", context)


def _compared(template: SmsTemplate, shown: SmsTemplateVersion, wanted: str) -> SmsTemplateVersion | None:
    number = id_in(wanted) or shown.number - 1
    return template.versions.filter(number=number).first()


def _differences(one: SmsTemplateVersion, two: SmsTemplateVersion) -> list[dict[str, Any]]:
    """From the older to the newer, whichever of them is shown."""
    old, new = sorted((one, two), key=lambda row: row.number)
    found = difference.of_texts(Texts.of(old), Texts.of(new))
    rows = [{"language": wording.language(row.language), "main": row.main and len(found) > 1, "parts": row.parts, "changed": row.changed} for row in found]
    if old.language != new.language:
        rows[0]["was"] = wording.language(old.language)
    return rows


@require_safe
@permission_required("campaigns.view_message", raise_exception=True)
def texts(request: HttpRequest, pk: int) -> HttpResponse:
    """One-off texts made from it, newest first."""
    template = get_object_or_404(templates(), pk=pk)
    page = listing.paginate(template_uses.texts_of(template).with_stage(), request, order=("-id",), label=lambda message: phone.display(message.number))  # type: ignore[attr-defined]
    decorate_messages(page.items)
    return render(request, "campaigns/template_texts.html", {"template": template, "page": page})
