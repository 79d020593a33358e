"""SMS delivery: texts the people of a run, once or at each run."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign, Mailing, SmsTemplate
from campaigns.models.mailing import Role
from campaigns.services import made, mailings
from campaigns.services.errors import CampaignError
from campaigns.statuses import MailingStatus as Status
from campaigns.texts import Texts
from smsapp.common.sentences import Sentence
from smsapp.common.sentences import say as _
from workflows import periods, rows, sets
from workflows.graph import Graph, Node
from workflows.models import Workflow
from workflows.rows import Table
from workflows.services import parents, sends
from workflows.steps import registry
from workflows.steps.base import CHANNEL, GO_ON, Done, Later, Out, Result, StepError, StepForm, StepKind, Work

SINGLE, RECURRING = "single", "recurring"
HOW = [(SINGLE, gettext_lazy("SMS: sent once")), (RECURRING, gettext_lazy("Recurring SMS: at each run, to the people of that run"))]
NOTHING, SAME, TEXTED = "none", "same", "texted"
AFTERWARDS = [
    (NOTHING, gettext_lazy("End here")),
    (SAME, gettext_lazy("Go on with everybody who came in")),
    (TEXTED, gettext_lazy("Go on with the people texted")),
]
LOOK = timedelta(minutes=1)  # between two looks at a mailing, when no hint comes
TEXTS = Table(lambda ids: made.texts(ids))
LACKS = Table(lambda ids: made.lacks(rows.some(TEXTS, ids)))


class SmsForm(StepForm):
    """What is sent how often. Once it was saved only the text can be changed, on its own page."""

    how = forms.ChoiceField(label=gettext_lazy("How often"), choices=HOW, widget=forms.RadioSelect, initial=SINGLE)
    period = forms.ChoiceField(label=gettext_lazy("Count together by"), choices=list(periods.LABELS.items()), required=False, initial=periods.MONTH)
    template = forms.ModelChoiceField(
        SmsTemplate.objects.filter(active=True), label=gettext_lazy("Template"), required=False, empty_label=gettext_lazy("None: write the text")
    )
    campaign = forms.ModelChoiceField(Campaign.objects.filter(archived=False), label=gettext_lazy("Campaign"), required=False, empty_label=gettext_lazy("None"))
    afterwards = forms.ChoiceField(label=gettext_lazy("Afterwards"), choices=AFTERWARDS, initial=NOTHING)
    confirm = forms.BooleanField(
        label=gettext_lazy("Request confirmation before sending messages"), required=False, initial=True,
        help_text=gettext_lazy("Until somebody confirms, the run goes on, and a planned one that comes meanwhile is left out."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.node.options.get("content"):
            for name in ("how", "period", "template", "campaign"):
                self.fields[name].disabled = True
        else:
            self.initial.setdefault("campaign", self.workflow.campaign_id)

    @property
    def period_label(self) -> str:
        """By which periods its sends are counted together."""
        return str(periods.LABELS.get(self.node.options.get("period", ""), ""))

    def clean_how(self) -> str:
        """It cannot be chosen anew once the step was saved."""
        how = str(self.cleaned_data["how"])
        if how == RECURRING and not self.node.options.get("content") and not is_scheduled(self.workflow.drawing, self.node.id):
            raise forms.ValidationError(gettext_lazy("A recurring SMS needs a scheduler before it. Put one before this step first, or choose SMS: sent once."))
        return how

    def clean_confirm(self) -> bool:
        """Whoever may not send cannot have texts sent by a machine instead."""
        asked = bool(self.cleaned_data["confirm"])
        if not asked and not (self.user and self.user.has_perm(sends.SENDS)):
            raise forms.ValidationError(sends.MAY_NOT)
        return asked

    def options(self) -> dict[str, Any]:
        """Rows by their ids, and the mailing that holds the text, made at the first save."""
        values = self.cleaned_data
        template, campaign = values["template"], values["campaign"]
        return {
            **values, "period": values["period"] or periods.MONTH, "template": template.pk if template else None, "campaign": campaign.pk if campaign else None,
            "content": self.node.options.get("content") or self._content().pk, "blanks": self.node.options.get("blanks", []),
        }  # fmt: skip

    def _content(self) -> Mailing:
        chosen = self.cleaned_data
        return made.keep_content(self.node.label or self.workflow.label, self.user, template=chosen["template"], campaign=chosen["campaign"])


class SmsDelivery(StepKind):
    """Makes a mailing of the people who arrive, and goes on when it has been sent."""

    kind, label, icon, family, order = "sms", gettext_lazy("SMS delivery"), "chat-right-text", CHANNEL, 10
    about = gettext_lazy("Texts the people who arrive, once or at each run.")
    form, template = SmsForm, "workflows/_step_sms.html"
    needs_people = takes_time = True
    passing = {"afterwards": SAME}

    def outs(self, options: Mapping[str, Any]) -> tuple[Out, ...]:
        """None, unless something follows."""
        return (Out(GO_ON),) if options.get("afterwards", NOTHING) != NOTHING else ()

    def apart(self, options: Mapping[str, Any], by: Any) -> Mapping[str, Any]:
        """A copy has a text of its own."""
        content = rows.one(TEXTS, options.get("content"))
        return {**options, "content": made.copy_content(content, by).pk} if content else options

    def refers(self, options: Mapping[str, Any]) -> Iterable[tuple[Table, Any]]:
        """The text, and what it lacks."""
        return [(TEXTS, options.get("content")), (LACKS, options.get("content"))]

    def says(self, node: Node) -> Any:
        """The name of its text."""
        content = content_of(node)
        return content.name if content else self.label

    def saved(self, node: Node) -> None:
        """The SMS is called as its step is."""
        if node.label and node.options.get("content"):
            Mailing.objects.filter(pk=node.options["content"], role=Role.CONTENT).exclude(name=node.label).update(name=node.label)

    def opens(self, node: Node) -> str:
        """Once it was saved, its dashboard."""
        return reverse("workflows:parent", args=[node.options["content"]]) if content_of(node) else ""

    def tells(self, node: Node) -> dict[str, Any]:
        """What it has sent, and when last."""
        parent = parents.find(node.options.get("content") or 0)
        return {"parent": parent, "last_send": parent.sends.select_related("mailing", "run").last()} if parent else {}

    def problem(self, workflow: Workflow, node: Node) -> Sentence | str:
        """There is a text that could be sent, and a scheduler where it is to be sent again and again."""
        graph, content = workflow.drawing, content_of(node)
        if node.options.get("how") == RECURRING and not is_scheduled(graph, node.id):
            return _("A recurring SMS needs a scheduler before it. Put one there.")
        if content is None:
            return _("Choose how it is sent and save the step, then write its text.")
        if found := rows.one(LACKS, content.pk):
            return _lacks(*found[0])
        if left := _blanks_left(node, content):
            return _("The text still has a blank: %(blank)s Write the text.") % {"blank": left[0]}
        return ""

    def perform(self, work: Work) -> Result:
        """The first look makes the mailing, later ones follow it."""
        if "mailing" not in work.kept:
            return _make(work)
        mailing = Mailing.objects.filter(pk=work.kept["mailing"]).first()
        if mailing is None:
            return Done(note=_("The mailing of this step was deleted: nobody goes on."))
        return _follow(work, mailing)


def _lacks(code: str, words: str) -> Sentence:
    """What a text lacks, said for a workflow, which has no step 2."""
    if code == "no_text":
        return _("Write the text of this SMS.")
    if code == "no_provider":
        return _("Choose an active provider for this SMS, beside its text.")
    if code == "no_sender":
        return _("Choose one of the provider's senders for this SMS, beside its text.")
    return _("%(words)s") % {"words": words}


def is_scheduled(graph: Graph, step: str) -> bool:
    """Whether a scheduler stands before a step."""
    return any(registry.is_timed(graph.steps[before]) for before in graph.before(step))


def content_of(node: Node) -> Mailing | None:
    """The mailing that holds the text of a step."""
    found: Mailing | None = rows.one(TEXTS, node.options.get("content"))
    return found


def _blanks_left(node: Node, content: Mailing) -> list[str]:
    """What a ready-made text left to its author, and still stands there in brackets."""
    said = "\n".join(Texts.of(content).all.values())
    return [blank for blank in node.options.get("blanks", []) if blank in said]


def _make(work: Work) -> Result:
    people, content = work.people, content_of(work.node)
    if content is None:
        raise StepError("no_text", _("The text of this step no longer exists. Make the step anew."))
    if people is None or not people.size:
        return _done(work, None)
    period = work.options.get("period") if work.options.get("how") == RECURRING else None
    facts = {"name": work.node.label or content.name, "period": period, "day": work.day, "asks": work.options.get("confirm", True)}
    try:
        mailing = sends.make(work.run, work.node.id, content, people, **facts)
    except CampaignError as problem:
        raise StepError(problem.code, _lacks(problem.code, problem.message)) from problem
    return Later(work.now + LOOK, {"mailing": mailing.pk}, held=True)


def _follow(work: Work, mailing: Mailing) -> Result:
    if mailing.status == Status.FINISHED:
        return _done(work, mailing)
    if mailing.status == Status.CANCELLED:
        return Done(note=_("The mailing was cancelled: nobody goes on."))
    if mailing.status == Status.ERROR:
        if work.hurried:
            mailings.prepare(mailing, work.workflow.started_by)
            return Later(work.now + LOOK, {"mailing": mailing.pk}, held=True)
        raise StepError("not_prepared", mailing.trouble or _("The mailing could not be prepared."))
    if mailing.status == Status.READY and sends.has_nobody(mailing):
        mailings.cancel(mailing, None)
        return _done(work, None, _("Nobody of those who came in may be texted."))
    note: Any = sends.confirm(mailing, work.run) if mailing.status == Status.READY else ""
    said = work.kept.get("said")
    kept = {"mailing": mailing.pk, "said": str(note) or said}
    return Later(work.now + LOOK, kept, held=True, note="" if str(note) == said else note)


def _done(work: Work, mailing: Mailing | None, note: Any = "") -> Done:
    afterwards = work.options.get("afterwards", NOTHING)
    if afterwards == NOTHING:
        return Done(note=note)
    if afterwards == SAME:
        return Done({GO_ON: work.people}, note)
    return Done({GO_ON: sends.texted(mailing) if mailing else sets.nobody()}, note)
