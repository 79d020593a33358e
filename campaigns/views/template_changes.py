"""New templates, changes of one, and what can be done to it: copy, archive, restore a version, delete."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from campaigns import difference, template_uses, wording
from campaigns.composing import acts
from campaigns.composing.acts import Acted
from campaigns.composing.component import Composer
from campaigns.composing.readers import OfTemplate
from campaigns.composing.written import Written
from campaigns.forms.template import TemplateForm, initial_of
from campaigns.models import SmsTemplate
from campaigns.services import series, templates
from campaigns.services.errors import CampaignError
from campaigns.texts import Texts
from campaigns.views.actions import Question
from campaigns.views.asking import Asked
from campaigns.wizard.picker import id_in
from smsapp.common.bidi import isolated

NAME_LENGTH = 100


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.add_smstemplate", raise_exception=True)
def create(request: HttpRequest) -> HttpResponse:
    """A new template, empty or a copy of another one."""
    if request.method != "POST":
        return _page(request, _form(request, None, initial=_copied(request)))
    if (acted := acts.act(request, TemplateForm.base_fields)) is not None:
        return _page(request, _form(request, None, initial=acted.initial), acted=acted)
    form = _form(request, None, data=request.POST)
    if not form.is_valid():
        return _page(request, form)
    return _saved(request, form, None, lambda: templates.create(form.cleaned_data["name"], form.texts, request.user, **form.settings))


def _copied(request: HttpRequest) -> dict[str, Any]:
    """Values of the template that the address names, under another name."""
    original = SmsTemplate.objects.select_related("provider").filter(pk=id_in(request.GET.get("from", ""))).first()
    if original is None:
        return {}
    name = (_("Copy of %(name)s") % {"name": original.name})[:NAME_LENGTH]
    return initial_of(original) | {"name": name, "seen": ""}


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.change_smstemplate", raise_exception=True)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name, text or setting; what somebody else saved meanwhile is shown before it is replaced."""
    template = get_object_or_404(SmsTemplate.objects.select_related("provider", "changed_by"), pk=pk)
    if request.method != "POST":
        return _page(request, _form(request, template, initial=initial_of(template)), template)
    if (acted := acts.act(request, TemplateForm.base_fields)) is not None:
        return _page(request, _form(request, template, initial=acted.initial), template, acted)
    form = _form(request, template, data=request.POST)
    if not form.is_valid():
        return _page(request, form, template)
    facts = {"name": form.cleaned_data["name"], "texts": form.texts, "seen": _seen(form, template), **form.settings}
    return _saved(request, form, template, lambda: templates.change(template, request.user, **facts))


def _seen(form: TemplateForm, template: SmsTemplate) -> datetime:
    """When what the person saw was changed; a form that does not say it has seen nothing."""
    try:
        return parse_datetime(form.cleaned_data["seen"]) or template.created_at
    except ValueError:
        return template.created_at


def _form(request: HttpRequest, template: SmsTemplate | None, **values: Any) -> TemplateForm:
    return TemplateForm(values.pop("data", None), template=template, long_texts=request.user.has_perm("campaigns.long_texts"), **values)


def _saved(request: HttpRequest, form: TemplateForm, template: SmsTemplate | None, save: Callable[[], SmsTemplate]) -> HttpResponse:
    try:
        saved = save()
    except CampaignError as error:
        if error.code == "changed" and template is not None:
            return _changed_meanwhile(request, form, template)
        form.add_error("name" if error.code == "name_taken" else None, error.message)
        return _page(request, form, template)
    messages.success(request, _("“%(name)s” is saved.") % {"name": isolated(saved.name)})
    return redirect("campaigns:template", saved.pk)


def _changed_meanwhile(request: HttpRequest, form: TemplateForm, template: SmsTemplate) -> HttpResponse:
    """The person's own words stay in the form, and saving them again is a choice made with open eyes."""
    template.refresh_from_db()
    found = difference.of_texts(Texts.of(template), form.texts)
    clash = [{"language": wording.language(row.language), "parts": row.parts, "changed": row.changed} for row in found]
    form.data = acts.Acted(request.POST).initial | {"seen": template.updated_at.isoformat()}
    return _page(request, form, template, clash=clash)


def _page(request: HttpRequest, form: TemplateForm, template: SmsTemplate | None = None, acted: Acted | None = None, **context: Any) -> HttpResponse:
    context |= {"known_series": series.known()}
    context |= {"form": form, "template": template, "composer": Composer.on(request, form, OfTemplate.of(request.user, Written.of(form)), acted)}
    return render(request, "campaigns/template_form.html", context)


# --- asked first ---


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.change_smstemplate", raise_exception=True)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer it no longer, or again."""
    template = get_object_or_404(SmsTemplate, pk=pk)
    if request.method != "POST":
        return _asked(template).ask(request, _about_archive(template), "archive")
    archived = request.POST.get("archived", "1") != "0"
    templates.archive(template, request.user, archived=archived)
    words = _("“%(name)s” is in the archive.") if archived else _("“%(name)s” can be chosen again.")
    messages.success(request, words % {"name": isolated(template.name)})
    return redirect("campaigns:template", template.pk)


def _about_archive(template: SmsTemplate) -> Question:
    drafts = template_uses.of([template])[template.pk].drafts
    if not template.active:
        title, yes = _("Use “%(name)s” again?"), _("Use again")
        return Question(title % {"name": isolated(template.name)}, yes, _("Leave it in the archive"), _("It is offered again wherever a text is written."))
    title, sentence = _("Archive “%(name)s”?"), _("It is offered nowhere any more. Texts that were made from it stay as they are, and it can be used again.")
    consequences = [(drafts, ngettext("draft keeps its text", "drafts keep their text", drafts))] if drafts else []
    return Question(title % {"name": isolated(template.name)}, _("Archive"), _("Keep it in use"), sentence, consequences)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.change_smstemplate", raise_exception=True)
def restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Say again what an old version said, as a new version."""
    template = get_object_or_404(SmsTemplate, pk=pk)
    get_object_or_404(template.versions, number=number)
    if request.method != "POST":
        return _asked(template).ask(request, _about_restore(template, number), "arrow-counterclockwise")
    restored = templates.restore(template, number, request.user)
    messages.success(request, _("“%(name)s” says again what version %(n)s said.") % {"name": isolated(restored.name), "n": number})
    return redirect("campaigns:template", template.pk)


def _about_restore(template: SmsTemplate, number: int) -> Question:
    sentence = _("It becomes version %(new)s. Version %(now)s stays in the list, and what was made from it keeps its text.")
    return Question(
        _("Go back to version %(n)s of “%(name)s”?") % {"n": number, "name": isolated(template.name)}, _("Go back to version %(n)s") % {"n": number},
        _("Leave it as it is"), sentence % {"new": template.version + 1, "now": template.version},
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.delete_smstemplate", raise_exception=True)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """For good, if nothing was made from it."""
    template = get_object_or_404(SmsTemplate, pk=pk)
    sentence = _("Nothing was made from it. It goes with all its versions and cannot be brought back.")
    question = Question(_("Delete “%(name)s”?") % {"name": isolated(template.name)}, _("Delete the template"), _("Keep the template"), sentence)
    done = _("“%(name)s” is deleted.") % {"name": isolated(template.name)}
    why_not, do = lambda: template_uses.why_kept(template), lambda: templates.delete(template, request.user)
    return _asked(template).delete(request, question, why_not=why_not, do=do, done=done)


def _asked(template: SmsTemplate) -> Asked:
    return Asked("template", template, template.active, _("The template was used and cannot be deleted"))
