"""Exports: what and which columns, the list, progress, the file."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.exporting import jobs, sources
from contacts.forms.exports import ExportForm
from contacts.models import ExportJob
from contacts.services import exports
from contacts.services.errors import ContactsError
from contacts.views.done import say, warn
from smsapp.common import listing
from smsapp.common.models import Organisation

State = ExportJob.State
AT_WORK = {State.WAITING, State.RUNNING}
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class ExportList(PermissionRequiredMixin, View):
    """Exports, newest first."""

    permission_required = "contacts.export_contacts"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of exports: who, when, what; the file only for its author and administrators."""
        page = listing.paginate(ExportJob.objects.select_related("author"), request, order=("-id",), size=25, label=lambda job: job.title)
        for job in page:
            job.mine = exports.may_fetch(job, request.user)
        return render(request, "contacts/exports.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.export_contacts", raise_exception=True)
def new(request: HttpRequest) -> HttpResponseBase:
    """Choose columns and format for a selection; posting with `go` writes the file."""
    data = request.POST if request.method == "POST" else request.GET
    source = exports.source_of(data)
    if source is None:
        raise Http404
    if source.permission and not request.user.has_perm(source.permission):
        raise PermissionDenied
    last = ExportJob.objects.filter(author=request.user, source=data.get("source", "")).order_by("-id").first()
    form = ExportForm(data if "order" in data else None, source=source, last=last)
    if "go" in request.POST and not form.is_move and form.is_valid():
        try:
            chosen = {"kind": form.cleaned_data["format"], "separator": form.cleaned_data["separator"]}
            return _begun(request, exports.ask(data, author=request.user, keys=form.keys(), **chosen))
        except ContactsError as problem:
            form.add_error({"columns": "column", "format": "format"}.get(problem.field or ""), str(problem.message))
    count, (place, back) = source.count(data, request.user), source.back(data)
    if not count:
        warn(request, source.nothing)
        return redirect(back)
    pairs = source.fields(data) + ([("source", data["source"])] if data.get("source") else [])
    context = {
        "form": form, "source": source, "counted": source.counted(count), "words": source.in_words(data), "pairs": pairs,
        "small": count <= exports.AT_ONCE, "place": place, "back": back, "refused": source.refusal(data, count, request.user),
    }  # fmt: skip
    return render(request, "contacts/export.html", context)


def _begun(request: HttpRequest, job: ExportJob) -> HttpResponseBase:
    if exports.is_small(job):
        jobs.work(job.pk)
        job.refresh_from_db()
        if job.state == State.FINISHED:
            return _file(request, job)
    return redirect("contacts:export_job", job.pk)


def _file(request: HttpRequest, job: ExportJob) -> FileResponse:
    try:
        file = exports.path_of(job).open("rb") if job.path and job.state == State.FINISHED else None
    except OSError:
        file = None
    if file is None:
        raise Http404
    exports.note_download(job, request.user)
    return FileResponse(file, as_attachment=True, filename=exports.file_name(job), content_type=TYPES[job.format])


@require_safe
@permission_required("contacts.export_contacts", raise_exception=True)
def detail(request: HttpRequest, job_id: int) -> HttpResponse:
    """How an export stands."""
    job = get_object_or_404(ExportJob.objects.select_related("author"), pk=job_id)
    source = sources.get(job.source)
    labels = {column.key: column.label for column in source.offered()} if source else {}
    context = _standing(request, job) | {"labels": [labels[key] for key in job.columns if key in labels]}
    return render(request, "contacts/export_job.html", context)


@require_safe
@permission_required("contacts.export_contacts", raise_exception=True)
def progress(request: HttpRequest, job_id: int) -> HttpResponse:
    """The part that refreshes itself; once the work is over, the page loads anew."""
    job = get_object_or_404(ExportJob, pk=job_id)
    response = render(request, "contacts/_export_progress.html", _standing(request, job))
    if job.state not in AT_WORK:
        response["HX-Refresh"] = "true"
    return response


def _standing(request: HttpRequest, job: ExportJob) -> dict[str, Any]:
    days = Organisation.current().export_days
    kept_until = job.finished_at + timedelta(days=days) if job.finished_at and days else None
    source = sources.get(job.source)
    counted = source.counted(job.total) if source else job.total
    return {"job": job, "at_work": job.state in AT_WORK, "mine": exports.may_fetch(job, request.user), "kept_until": kept_until, "counted": counted}


@require_safe
@permission_required("contacts.export_contacts", raise_exception=True)
def download(request: HttpRequest, job_id: int) -> FileResponse:
    """The file; each download is written down."""
    return _file(request, _own(request, job_id))


@require_POST
@permission_required("contacts.export_contacts", raise_exception=True)
def stop(request: HttpRequest, job_id: int) -> HttpResponse:
    """Stop writing."""
    exports.stop(_own(request, job_id), request.user)
    return redirect("contacts:export_job", job_id)


@require_POST
@permission_required("contacts.export_contacts", raise_exception=True)
def again(request: HttpRequest, job_id: int) -> HttpResponse:
    """Write a stopped or failed one anew."""
    try:
        exports.begin_again(_own(request, job_id), request.user)
    except ContactsError as problem:
        warn(request, problem.message)
    return redirect("contacts:export_job", job_id)


@require_POST
@permission_required("contacts.export_contacts", raise_exception=True)
def remove(request: HttpRequest, job_id: int) -> HttpResponse:
    """Take the file off the disk before its time."""
    if exports.remove_file(_own(request, job_id), request.user):
        say(request, _("The file is removed. The export stays in the list."))
    return redirect("contacts:export_job", job_id)


def _own(request: HttpRequest, job_id: int) -> ExportJob:
    """An export that this person may fetch; of others one may know, and no more."""
    job = get_object_or_404(ExportJob, pk=job_id)
    if not exports.may_fetch(job, request.user):
        raise PermissionDenied
    return job
