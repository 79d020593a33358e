"""What every kind of step is: how it may be joined, what it asks for, and what it does once people arrive."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.columns import Column
from contacts.smart.criteria import At
from smsapp.common.forms import HouseForm
from smsapp.common.sentences import Sentence
from workflows.graph import Node, Shape
from workflows.models import PeopleSet, Run, Workflow

TARGETING, EXECUTION, CHANNEL = "targeting", "execution", "channel"
FAMILIES = {TARGETING: _("Targeting"), EXECUTION: _("Execution"), CHANNEL: _("Channel")}  # the palette's parts, in order
GO_ON = "out"  # the output of steps that have one


class StepError(Exception):
    """A step that cannot be carried out: a code for programs, a sentence for people that says what to do."""

    def __init__(self, code: str, message: Any) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Out:
    """A way out of a step. `label` stands on its link; empty: the count alone does."""

    name: str
    label: Any = ""
    spare: bool = False  # nothing is missing where it leads nowhere


@dataclass(frozen=True, slots=True)
class Came:
    """What arrived by one link; `people` is None for a mere sign to go on."""

    port: str
    source: str
    people: PeopleSet | None


@dataclass(slots=True)
class Work:
    """One step to be carried out, inside the transaction that will also note that it was."""

    workflow: Workflow
    run: Run
    node: Node
    came: Sequence[Came]  # what is alive among its inputs, in the order of the drawing
    now: datetime
    missing: int = 0  # inputs by which nothing comes any more
    kept: Mapping[str, Any] = field(default_factory=dict)  # what it remembered when it was looked at before
    hurried: bool = False  # somebody wants it now, whatever its time
    planned: datetime | None = None  # the time for which a scheduler began the run, until something has waited
    joined: Collection[str] = ()  # its ways out at which something follows

    @property
    def options(self) -> Mapping[str, Any]:
        """What people chose for it."""
        return self.node.options

    @property
    def people(self) -> PeopleSet | None:
        """Who came in by the first link that carries people."""
        return next((one.people for one in self.came if one.people is not None), None)

    @property
    def moment(self) -> datetime:
        """What its rules take for now: a run that comes late, or crosses midnight on its way, still chooses the people of its own day."""
        return self.planned or self.now

    @property
    def day(self) -> date:
        """That moment's, by the workflow's clock."""
        return self.moment.astimezone(self.zone).date()

    @property
    def zone(self) -> ZoneInfo:
        """The workflow's."""
        return ZoneInfo(self.workflow.time_zone)

    @property
    def at(self) -> At:
        """When its rules are asked: "today" is the workflow's day, by which its schedulers run."""
        return At(self.moment, self.zone)


@dataclass(frozen=True, slots=True)
class Done:
    """It is over: what leaves by which output. An output that is missing ends its branch, and so does an empty set unless the step says otherwise."""

    outs: Mapping[str, PeopleSet | None] = field(default_factory=dict)
    note: Sentence | str = ""
    counts: Mapping[str, int] = field(default_factory=dict)  # of ways out at which nothing follows: how many, without saying who


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing to do before that time; then it is asked again, with what it kept."""

    at: datetime
    kept: Mapping[str, Any] = field(default_factory=dict)
    held: bool = False  # something outside works for it, such as a mailing, and may tell earlier
    note: Sentence | str = ""


Result = Done | Later


class StepForm(HouseForm, forms.Form):
    """What a step asks for. `cleaned_data` becomes its options, so it holds plain JSON."""

    def __init__(self, *args: Any, workflow: Workflow, node: Node, user: Any = None, **kwargs: Any) -> None:
        self.workflow, self.node, self.user = workflow, node, user
        kwargs.setdefault("initial", self.initial_of(node.options))
        super().__init__(*args, **kwargs)

    empty_goes_on = forms.BooleanField(label=_("Go on even if nobody is left"), required=False)

    @classmethod
    def initial_of(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """Field values from what is stored."""
        return dict(options)

    def options(self) -> dict[str, Any]:
        """What is stored of a form that was found good."""
        return dict(self.cleaned_data)


class StepKind:
    """One kind of step; a single instance of each stands in the registry."""

    kind: ClassVar[str]
    label: ClassVar[Any]
    icon: ClassVar[str]
    family: ClassVar[str]
    order: ClassVar[int] = 100  # within its family
    about: ClassVar[Any] = ""  # a sentence for the palette and the panel
    form: ClassVar[type[StepForm]] = StepForm
    template: ClassVar[str] = ""  # of the panel's form, where the plain one does not do
    passing: ClassVar[Mapping[str, Any]] = {}  # options of a new one that is put between two: what followed goes on to follow

    ports: ClassVar[tuple[tuple[str, Any], ...]] = (("in", ""),)  # names and labels; the first is the main one
    least: ClassVar[int] = 1
    most: ClassVar[int | None] = 1
    begins: ClassVar[bool] = False  # runs begin here
    timed: ClassVar[bool] = False  # and they do so by themselves, at times of its own
    listens: ClassVar[bool] = False  # somebody outside may begin a run at any time
    makes_people: ClassVar[bool] = False  # people come out of it, whatever came in
    needs_people: ClassVar[bool] = False  # a mere sign to go on is not enough
    waits_for_all: ClassVar[bool] = False  # does not go on when one of its inputs ended
    takes_time: ClassVar[bool] = False  # what follows happens at another time

    def outs(self, options: Mapping[str, Any]) -> Sequence[Out]:
        """Its ways out, as its options make them."""
        return (Out(GO_ON),)

    def columns(self, options: Mapping[str, Any]) -> Sequence[Column]:
        """What it knows of the people whom it finds besides who they are: texts that follow can name it."""
        return ()

    def apart(self, options: Mapping[str, Any], by: Any) -> Mapping[str, Any]:
        """The options of a step that was placed or copied just now: what it must not share with another one is its own."""
        return options

    def shape(self, node: Node) -> Shape:
        """For the rules of the drawing."""
        outs = tuple(out.name for out in self.outs(node.options))
        return Shape(outs, tuple(name for name, _label in self.ports), self.least, self.most, self.begins)

    def problem(self, workflow: Workflow, node: Node) -> Sentence | str:
        """What its options lack, in words; empty when it may be started."""
        return ""

    def times(self, node: Node, after: datetime) -> Iterator[datetime]:
        """When runs begin here by themselves, later than a moment and in order; however many its options let begin."""
        return iter(())

    def most_runs(self, node: Node) -> int | None:
        """After how many runs it is over; None: after none."""
        return None

    def says(self, node: Node) -> Any:
        """What it does, in a few words: its label until somebody names it."""
        return self.label

    def saved(self, node: Node) -> None:
        """A drawing was saved with this step in it."""

    def opens(self, node: Node) -> str:
        """The page that opening it shows; empty: its panel."""
        return ""

    def tells(self, node: Node) -> dict[str, Any]:
        """What its panel shows besides its form."""
        return {}

    def refers(self, options: Mapping[str, Any]) -> Iterable[tuple[Any, Any]]:
        """Rows that its options name, as (table, key) of workflows.rows: a canvas reads those of all steps together."""
        return ()

    def perform(self, work: Work) -> Result:
        """Do it. Raises StepError with a sentence; everything written before is taken back then."""
        raise NotImplementedError
