"""Imports: the list, upload, columns, the dry run's findings, progress, refused rows."""

from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.forms.imports import ColumnsForm, UploadForm
from contacts.importing import columns, facts, findings, heads, new_fields, outcomes, reader
from contacts.importing import refused as refused_rows
from contacts.importing.faults import Fault
from contacts.importing.problems import FileProblem
from contacts.importing.report import CHANGED, opt_ins, sums
from contacts.models import Group, ImportJob
from contacts.services import imports, tags
from contacts.services.errors import ContactsError
from contacts.smart import addresses
from contacts.smart.questions.imports import rules_of
from contacts.views.done import say, warn
from smsapp.common import listing
from smsapp.common.bidi import isolated
from smsapp.common.models import Organisation

State = ImportJob.State
AT_WORK = {State.CHECKING, State.RUNNING}
WAITING = {State.MAPPING, State.CHECKED, State.STOPPED}  # for somebody, who needs the file
SAMPLES = 8


class ImportList(PermissionRequiredMixin, View):
    """Imports, newest first."""

    permission_required = "contacts.import_contacts"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of imports with what came of each."""
        page = listing.paginate(ImportJob.objects.select_related("author"), request, order=("-id",), size=25, label=lambda job: job.file_name)
        days = Organisation.current().import_file_days
        lines = [(job, facts.duration_of(job), facts.removed_on(job, days)) for job in page]
        return render(request, "contacts/imports.html", {"page": page, "lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.import_contacts", raise_exception=True)
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file; nothing is imported yet."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            job = imports.upload(form.cleaned_data["file"], region=Organisation.current().default_region, author=request.user)
            return redirect("contacts:import_columns", job.pk)
        except ContactsError as problem:
            form.add_error("file", str(problem.message))
    return render(request, "contacts/import_upload.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.import_contacts", raise_exception=True)
def columns_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """What each column means; posting tries all rows."""
    job = get_object_or_404(ImportJob, pk=job_id)
    if job.state not in imports.TAKES_COLUMNS:
        warn(request, _("Columns are chosen before an import begins. Here is how this one stands."))
        return redirect("contacts:import", job.pk)
    try:
        header = reader.header(imports.table_path(job), imports.dialect_of(job))
        samples = list(findings.first_rows(job, SAMPLES))
    except (FileProblem, OSError):
        return redirect("contacts:import", job.pk)
    form = ColumnsForm(job, header, request.POST or None, types=_types(request, job, len(header)))
    if request.method == "POST" and form.is_valid():
        try:
            imports.check(job, mapping=form.mapping(), by=request.user, **form.choices())
            return redirect("contacts:import", job.pk)
        except ContactsError as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem.message))
    repeated = [columns.names(header)[index] for index in columns.repeated(header)]
    context = {"job": job, "form": form, "samples": samples, "repeated": repeated, "known_tags": tags.suggestions()}
    context["about_names"] = heads.about(header, imports.dialect_of(job).names_row)
    mapping = {int(index): meaning for index, meaning in job.mapping.items()}
    context["consent_alarms"] = heads.about_refusals(header, job.dialect.get("refusals", {}), mapping, 1)
    return render(request, "contacts/import_columns.html", context)


def _types(request: HttpRequest, job: ImportJob, width: int) -> list[str]:
    """Which type of field each column looks like, for those who may add fields."""
    if not request.user.has_perm("contacts.add_customfield"):
        return []
    return new_fields.guess_types(new_fields.sample(imports.table_path(job), imports.dialect_of(job)), width, job.region)


@require_POST
@permission_required("contacts.import_contacts", raise_exception=True)
def sheet(request: HttpRequest, job_id: int) -> HttpResponse:
    """Read another sheet of the workbook."""
    job = get_object_or_404(ImportJob, pk=job_id)
    try:
        imports.choose_sheet(job, request.POST.get("sheet", ""))
    except ContactsError as problem:
        warn(request, problem.message)
    return redirect("contacts:import_columns", job.pk)


@require_safe
@permission_required("contacts.import_contacts", raise_exception=True)
def detail(request: HttpRequest, job_id: int) -> HttpResponse:
    """How an import stands: at work, tried, or done."""
    job = get_object_or_404(ImportJob.objects.select_related("author"), pk=job_id)
    has_file = imports.has_file(job)
    if job.state == State.MAPPING and has_file:
        return redirect("contacts:import_columns", job.pk)
    context = _progress(job) | {"groups": Group.objects.filter(pk__in=job.group_ids), "facts": facts.of(job), "mapping": facts.mapping_of(job)}
    context |= {"kept_until": facts.kept_until(job, Organisation.current().import_file_days)}
    context |= {"has_file": has_file, "problem": facts.problem_of(job), "is_lost": not has_file and job.state in WAITING}
    context["consent_alarms"] = [Fault.of_json(fault) for fault in job.report.get("warnings", []) if fault["code"] in (heads.LOST, heads.TURNED)]
    context["sums"] = sums(job.report.get("told", {}))
    context["opt_ins"] = opt_ins(job.report.get("told", {})) if job.consent_source else ""
    if job.state == State.FINISHED:
        context["people"] = {comparison: _people(job, comparison) for comparison in ("any", "made", "changed")}
    if job.state not in AT_WORK:
        context |= findings.of(job, show=request.GET.get("show", ""), start=request.GET.get("from", ""))
    if job.state == State.CHECKED:
        context |= outcomes.of(job, outcome=request.GET.get("rows", ""), place=request.GET.get("at", ""))
    return render(request, "contacts/import.html", context)


def _people(job: ImportJob, comparison: str) -> str:
    """Address of those whom the import made or changed."""
    query = urlencode({"rules": addresses.pack(rules_of(job, comparison))})
    return f"{reverse('contacts:list')}?{query}"


@require_safe
@permission_required("contacts.import_contacts", raise_exception=True)
def progress(request: HttpRequest, job_id: int) -> HttpResponse:
    """The part that refreshes itself; once the work is over, the page loads anew."""
    job = get_object_or_404(ImportJob, pk=job_id)
    response = render(request, "contacts/_import_progress.html", _progress(job))
    if job.state not in AT_WORK:
        response["HX-Refresh"] = "true"
    return response


def _progress(job: ImportJob) -> dict[str, Any]:
    counts = {name: job.report.get(name, 0) for name in ("rows", "created", "updated", "unchanged", "refused")}
    at_work, checking = job.state in AT_WORK, job.state == State.CHECKING
    counts["changed"] = job.report.get("told", {}).get(CHANGED, counts["updated"])  # contacts; several rows may mean one
    return {"job": job, "at_work": at_work, "checking": checking, "counts": counts, "good": job.total - counts["refused"], "ribbon_parts": _ribbon(counts)}


def _ribbon(counts: dict[str, int]) -> list[tuple[Any, int, str]]:
    return [
        (_("new"), counts["created"], "green"),
        (_("updated"), counts["updated"], "blue"),
        (_("unchanged"), counts["unchanged"], "grey"),
        (_("refused"), counts["refused"], "red"),
    ]


@require_POST
@permission_required("contacts.import_contacts", raise_exception=True)
def start(request: HttpRequest, job_id: int) -> HttpResponse:
    """Import for real, or go on after a stop."""
    job = get_object_or_404(ImportJob, pk=job_id)
    try:
        if job.state == State.STOPPED:
            imports.resume(job, request.user)
        else:
            imports.start(job, request.user)
    except ContactsError as problem:
        warn(request, problem.message)
    return redirect("contacts:import", job.pk)


@require_POST
@permission_required("contacts.import_contacts", raise_exception=True)
def stop(request: HttpRequest, job_id: int) -> HttpResponse:
    """Stop after the rows at hand."""
    imports.stop(get_object_or_404(ImportJob, pk=job_id), request.user)
    return redirect("contacts:import", job_id)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.import_contacts", raise_exception=True)
def discard(request: HttpRequest, job_id: int) -> HttpResponse:
    """Ask first, then remove an import that never began."""
    job = get_object_or_404(ImportJob, pk=job_id)
    if request.method != "POST" and job.state in imports.NOT_STARTED:
        return render(request, "contacts/import_discard.html", {"job": job})
    try:
        imports.discard(job, request.user)
    except ContactsError as problem:
        warn(request, problem.message)
        return redirect("contacts:import", job_id)
    say(request, _("%(file)s is removed; nothing was imported from it.") % {"file": isolated(job.file_name)})
    return redirect("contacts:imports")


@require_safe
@permission_required("contacts.import_contacts", raise_exception=True)
def refused(request: HttpRequest, job_id: int) -> StreamingHttpResponse:
    """The refused rows as CSV, each with its reason."""
    job = get_object_or_404(ImportJob, pk=job_id)
    try:
        lines = refused_rows.as_csv(imports.refused_path(job), imports.dialect_of(job).delimiter, get_language() or "en")
    except OSError:
        raise Http404 from None
    header = content_disposition_header(as_attachment=True, filename=f"refused-{Path(job.file_name).stem}.csv")
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": header})
