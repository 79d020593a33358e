"""The list of workflows; new ones, copies, the archive."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import Max, Min, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import TemplateView

from smsapp.common import listing
from smsapp.common.bidi import isolated
from smsapp.common.models import Organisation
from workflows import ready, wording
from workflows.errors import WorkflowError
from workflows.forms.workflow import PropertiesForm, WorkflowFilters, WorkflowForm
from workflows.models import Run, Schedule, Workflow
from workflows.services import ready_made, workflows
from workflows.states import WorkflowState


class WorkflowList(PermissionRequiredMixin, TemplateView):
    """Newest first; the archive apart."""

    permission_required = "workflows.view_workflow"
    raise_exception = True
    template_name = "workflows/workflows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        archived = self.request.GET.get("archived") == "1"
        filters, these = WorkflowFilters(self.request.GET), Workflow.objects.filter(archived=archived)
        last = Run.objects.filter(workflow=OuterRef("pk")).order_by().values("workflow").annotate(at=Max("started_at")).values("at")
        schedules = Schedule.objects.filter(workflow=OuterRef("pk"), workflow__state=WorkflowState.RUNNING)
        coming = schedules.order_by().values("workflow").annotate(at=Min("next_at")).values("at")
        chosen = filters.narrow(these).select_related("campaign").with_stand().annotate(last_at=Subquery(last), coming_at=Subquery(coming))
        page = listing.paginate(chosen, self.request, order=("-id",), label=lambda workflow: workflow.label)
        for workflow in page:
            workflow.look = wording.WORKFLOWS[workflow.stand]
        context = {"page": page, "filters": filters, "filtered": filters.in_use, "archived": archived, "ready": ready.ALL}
        context["any_archived"] = archived or Workflow.objects.filter(archived=True).exists()
        context["any_at_all"] = bool(page) or these.exists()
        return super().get_context_data(**context, **kwargs)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("workflows.add_workflow", raise_exception=True)
def create(request: HttpRequest) -> HttpResponse:
    """A label, then the canvas: an empty one, or a drawing that is ready to start from."""
    zone, chosen = getattr(request.user, "time_zone", "") or Organisation.current().time_zone, ready.get(request.GET.get("ready", ""))
    form = WorkflowForm(request.POST or None, initial={"time_zone": zone, "label": chosen.label if chosen else ""})
    if form.is_valid():
        made = ready_made.make(chosen, request.user, **form.cleaned_data) if chosen else workflows.create(by=request.user, **form.cleaned_data)
        return redirect("workflows:canvas", made.pk)
    return render(request, "workflows/workflow_form.html", {"form": form, "chosen": chosen, "ready": ready.ALL})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("workflows.change_workflow", raise_exception=True)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Its properties."""
    workflow = get_object_or_404(Workflow, pk=pk)
    known = {name: getattr(workflow, name) for name in PropertiesForm.base_fields}
    form = PropertiesForm(request.POST or None, initial=known | {"campaign": workflow.campaign_id})
    if form.is_valid():
        workflows.save_facts(workflow, **form.cleaned_data)
        return redirect("workflows:canvas", pk)
    return render(request, "workflows/workflow_form.html", {"form": form, "workflow": workflow})


@require_POST
@permission_required("workflows.add_workflow", raise_exception=True)
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """The same drawing once more."""
    made = workflows.copy(get_object_or_404(Workflow, pk=pk), request.user)
    messages.success(request, _("“%(name)s” is a copy. It has not been started.") % {"name": isolated(made.label)})
    return redirect("workflows:canvas", made.pk)


@require_POST
@permission_required("workflows.change_workflow", raise_exception=True)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of the lists, or back into them."""
    workflow, archived = get_object_or_404(Workflow, pk=pk), request.POST.get("archived", "1") != "0"
    try:
        workflows.archive(workflow, archived=archived)
    except WorkflowError as error:
        messages.error(request, error.message)
        return redirect("workflows:canvas", pk)
    words = _("“%(name)s” is in the archive.") if archived else _("“%(name)s” is in use again.")
    messages.success(request, words % {"name": isolated(workflow.label)})
    return redirect("workflows:list")
