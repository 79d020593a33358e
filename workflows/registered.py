"""What workflows put into the slots of the apps below."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns import slots
from campaigns.models import Mailing
from campaigns.slots import Origin
from contacts.audience import Ids
from smsapp.common.retention import kinds
from workflows.models import PeopleSet, Send, Workflow
from workflows.services import history


def people(populations: Sequence[int]) -> list[Ids]:
    """Contacts of populations that travelled on workflows."""
    return [ids for found in PeopleSet.objects.filter(pk__in=list(populations)) for ids in found.living()]


def origins(mailing: Mailing) -> list[Origin]:
    """The workflow that made a mailing, or whose text it is."""
    send = Send.objects.select_related("workflow", "run").filter(mailing=mailing).first()
    if send is None:
        return []
    workflow = Origin(_("Workflow"), send.workflow.label, reverse("workflows:canvas", args=[send.workflow_id]))
    return [workflow, Origin(_("Recurring SMS"), send.parent.name, reverse("workflows:sms", args=[send.workflow_id, send.step]))]


def home(mailing: Mailing) -> str:
    """The step whose text a mailing holds."""
    found = Workflow.objects.filter(graph__steps__contains=[{"options": {"content": mailing.pk}}]).order_by("id").first()
    if found is None:
        return ""
    step = next(node.id for node in found.drawing.steps.values() if node.options.get("content") == mailing.pk)
    return f"{reverse('workflows:canvas', args=[found.pk])}?step={step}"


def fill() -> None:
    """Called once, from AppConfig.ready."""
    slots.populations.register("workflows", people)
    slots.content_homes.register("workflows", home)
    slots.origins.register("workflows", origins)
    kinds.register("workflow history", history.KIND, order=60)
