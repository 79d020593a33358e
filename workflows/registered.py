"""What workflows put into the slots of the apps below."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns import slots
from campaigns.models import Campaign, Mailing
from campaigns.models.mailing import Role
from campaigns.slots import Filed, Home, Origin
from campaigns.statuses import DRAFTS
from campaigns.wording import State
from contacts import slots as contact_slots
from contacts.audience import Ids
from contacts.models.folding import fold, folded, named
from smsapp.common.readable import number
from smsapp.common.retention import kinds
from smsapp.common.slots import search_sources
from workflows import group_uses, wording
from workflows.activities import files
from workflows.cause_files import SmsCauses
from workflows.log_files import SmsLog
from workflows.models import PeopleSet, Run, Send, Workflow
from workflows.services import history, once, parents, sends
from workflows.states import RunState
from workflows.texts import columns_of, last_population
from workflows.wording import span

RIGHT = "workflows.view_workflow"
SECTION = "workflows:list"
SHOWN = 8  # in a search, or on a campaign's page


def people(populations: Sequence[int]) -> list[Ids]:
    """Contacts of populations that travelled on workflows."""
    return [ids for found in PeopleSet.objects.filter(pk__in=list(populations)) for ids in found.living()]


def origins(mailing: Mailing) -> list[Origin]:
    """The workflow that made a mailing, the mailing whose text it is, and whether somebody is asked before it goes."""
    send = Send.objects.select_related("workflow", "execution", "parent", "mailing", "run__workflow").filter(mailing=mailing).first()
    if send is None:
        return []
    workflow, look = send.workflow, wording.WORKFLOWS[send.workflow.stands]
    found = [Origin(_("Workflow"), workflow.label, reverse("workflows:canvas", args=[workflow.pk]), look, _held_up(send.run))]
    what = _("Recurring SMS") if send.execution else _("SMS of the workflow")
    found.append(Origin(what, send.parent.name, reverse("workflows:parent", args=[send.parent_id])))
    if send.execution:
        found.append(Origin(_("Period"), span(send.execution), reverse("workflows:period", args=[send.parent_id, send.execution_id])))
    if mailing.status in DRAFTS:
        found.append(Origin(_("Confirmation"), _confirmation(send), reverse("workflows:confirmation", args=[mailing.pk])))
    return found


def _confirmation(send: Send) -> Any:
    """Whether a person is asked, and why one is awaited where nobody is asked."""
    if send.confirm:
        return _("asked for before it is sent")
    return sends.why_waits(send) or _("not asked for: it goes as soon as it is prepared")


def _held_up(run: Run | None) -> str:
    """Planned runs that were left out because this one goes on."""
    if run is None or not run.kept_back or run.state != RunState.RUNNING:
        return ""
    words = ngettext("%(count)s planned run was left out meanwhile", "%(count)s planned runs were left out meanwhile", run.kept_back)
    return words % {"count": number(run.kept_back)}


def home(mailing: Mailing) -> Home | None:
    """The step whose text a mailing holds; its dashboard once the step is gone."""
    parent = parents.find(mailing.pk)
    if parent is None:
        return None
    canvas, step = reverse("workflows:canvas", args=[parent.workflow.pk]), f"?step={parent.step}"
    above = [(_("Workflows"), reverse(SECTION)), (parent.workflow.label, canvas)]
    return Home(canvas + step, [*above, (parent.name, canvas + step)], SECTION) if parent.step else Home(page(mailing), above, SECTION)


def page(mailing: Mailing) -> str:
    """The dashboard of a text."""
    return reverse("workflows:parent", args=[mailing.pk]) if parents.find(mailing.pk) else ""


def filed(campaign: Campaign, user: Any) -> Filed | None:
    """Workflows under a campaign, newest first, and the list of all that is filed there."""
    if not user.has_perm(RIGHT):
        return None
    newest: Any = Workflow.objects.filter(campaign=campaign, archived=False).with_stand().order_by("-id")[:SHOWN]
    rows = [(found.label, reverse("workflows:canvas", args=[found.pk]), wording.WORKFLOWS[found.stand]) for found in newest]
    return Filed(_("Workflows"), rows, _activities(campaign), _("All activities of this campaign")) if rows else None


def filed_texts(campaign: Campaign, user: Any) -> Filed | None:
    """Texts of workflows under a campaign, newest first, each with where its workflow stands."""
    if not (user.has_perm(RIGHT) and user.has_perm("campaigns.view_mailing")):
        return None
    texts = Mailing.objects.filter(campaign=campaign, role=Role.CONTENT, archived=False).order_by("-id").values_list("pk", "name")[:SHOWN]
    rows = _with_their_workflows(texts)
    return Filed(_("SMS of workflows"), rows, _activities(campaign), _("All activities of this campaign")) if rows else None


def _activities(campaign: Campaign) -> str:
    return f"{reverse('workflows:activities')}?campaign={campaign.pk}"


def _with_their_workflows(texts: Iterable[tuple[int, str]]) -> list[tuple[str, str, State]]:
    """(name, dashboard, state of its workflow) of texts that belong to one."""
    names = dict(texts)
    workflows = parents.workflows_of(list(names))
    stands = {pk: wording.WORKFLOWS[found.stand] for pk, found in workflows.items()}  # type: ignore[attr-defined]
    return [(name, reverse("workflows:parent", args=[pk]), stands[pk]) for pk, name in names.items() if pk in stands]


def search(request: HttpRequest, q: str) -> list[tuple[str, str, str]]:
    """Workflows by any part of their label, without accents; those in the archive say so."""
    if not request.user.has_perm(RIGHT):
        return []
    labels = Workflow.objects.alias(plain=folded("label")).filter(plain__contains=fold(q))
    found: Any = labels.with_stand().order_by("archived", "-id")[:SHOWN]
    archived = gettext("Archived")
    return [
        (row.label, reverse("workflows:canvas", args=[row.pk]), archived if row.archived else str(wording.WORKFLOWS[row.stand].label)) for row in found
    ]


search.title = _("Workflows")  # type: ignore[attr-defined]


def search_texts(request: HttpRequest, q: str) -> list[tuple[str, str, str]]:
    """Texts of workflows by any part of their name, without accents: their dashboards."""
    if not (request.user.has_perm(RIGHT) and request.user.has_perm("campaigns.view_mailing")):
        return []
    texts = named(Mailing.objects.filter(role=Role.CONTENT, archived=False).order_by("-id"), q).values_list("pk", "name")[:SHOWN]
    return [(name, url, str(state.label)) for name, url, state in _with_their_workflows(texts)]


search_texts.title = _("SMS of workflows")  # type: ignore[attr-defined]


def fill() -> None:
    """Called once, from AppConfig.ready."""
    search_sources.register("workflows", search, order=51)
    search_sources.register("texts of workflows", search_texts, order=51)
    slots.filed.register("workflows", filed)
    slots.filed.register("texts of workflows", filed_texts)
    contact_slots.group_uses.register("workflows", group_uses.of_group)
    contact_slots.export_sources.register(files.NAME, files.Activities())
    slots.populations.register("workflows", people)
    slots.columns.register("workflows", columns_of)
    slots.last_populations.register("workflows", last_population)
    slots.content_homes.register("workflows", home)
    slots.content_pages.register("workflows", page)
    slots.origins.register("workflows", origins)
    slots.reasons.register("workflows", once.reasons)
    contact_slots.export_sources.register("sms_log", SmsLog())
    contact_slots.export_sources.register("sms_causes", SmsCauses())
    kinds.register("workflow history", history.KIND, order=60)
