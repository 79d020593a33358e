"""Imports: the list, upload, columns, the dry run's findings, progress, refused rows."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.forms.imports import ColumnsForm, UploadForm
from contacts.importing import columns, findings, reader
from contacts.importing.problems import FileProblem
from contacts.models import Group, ImportJob
from contacts.services import imports
from contacts.services.errors import ContactsError
from contacts.views.done import warn
from smsapp.common import listing
from smsapp.common.models import Organisation

State = ImportJob.State
AT_WORK = {State.CHECKING, State.RUNNING}
SAMPLES = 8


class ImportList(PermissionRequiredMixin, View):
    """Imports, newest first."""

    permission_required = "contacts.import_contacts"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of imports with what came of each."""
        page = listing.paginate(ImportJob.objects.select_related("author"), request, order=("-id",), size=25, label=lambda job: job.file_name)
        return render(request, "contacts/imports.html", {"page": page})


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
    try:
        header = reader.header(imports.table_path(job), imports.dialect_of(job))
        samples = list(findings.first_rows(job, SAMPLES))
    except (FileProblem, OSError):
        return redirect("contacts:import", job.pk)
    form = ColumnsForm(job, header, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            groups = [group.pk for group in form.cleaned_data["groups"]]
            imports.check(job, mapping=form.mapping(), region=form.cleaned_data["region"], group_ids=groups)
            return redirect("contacts:import", job.pk)
        except ContactsError as problem:
            form.add_error(None, str(problem.message))
    context = {"job": job, "form": form, "samples": samples, "repeated": [columns.names(header)[index] for index in columns.repeated(header)]}
    return render(request, "contacts/import_columns.html", context)


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
    if job.state == State.MAPPING:
        return redirect("contacts:import_columns", job.pk)
    context = _progress(job) | {"groups": Group.objects.filter(pk__in=job.group_ids)}
    if job.state not in AT_WORK:
        context |= findings.of(job, show=request.GET.get("show", ""), start=request.GET.get("from", ""))
    return render(request, "contacts/import.html", context)


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


@require_safe
@permission_required("contacts.import_contacts", raise_exception=True)
def refused(request: HttpRequest, job_id: int) -> FileResponse:
    """The refused rows as CSV, each with its reason."""
    job = get_object_or_404(ImportJob, pk=job_id)
    try:
        file = imports.refused_path(job).open("rb")
    except OSError:
        raise Http404 from None
    return FileResponse(file, as_attachment=True, filename=f"refused-{job.file_name}", content_type="text/csv; charset=utf-8")
