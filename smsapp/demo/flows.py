"""Workflows as an association would have them: one that texts birthdays since three months, one that is paused, one whose blanks are still open."""

from typing import Any

from campaigns.services import campaigns
from contacts.models import Group
from smsapp.common.models import Organisation
from smsapp.demo import birthdays
from workflows import ready
from workflows.engine import start
from workflows.models import Workflow
from workflows.services import edits, ready_made, workflows

REMINDER = "Hello {contact.first_name|friend}, your membership ends on {contact.custom.member_until}. Reply YES to renew it, or STOP to end."


def make_workflows(author: Any) -> None:
    """In the time zone of the organisation, filed under a campaign that has no end."""
    always = campaigns.create("All year round", description="What goes out by itself, whatever the season.")
    birthdays.make_birthdays(_make("birthday", author, campaign=always), author)
    reminder = _make("reminder", author, label="Membership ends soon", campaign=always)
    ends = {"q": "custom.member_until", "test": "ahead", "value": 14}
    _choose(reminder, author, rules={"all": [ends]})
    birthdays.write(reminder, REMINDER, author)
    start.start(reminder, author)
    start.pause(reminder, author)
    _choose(_make("welcome", author, label="Welcome to the newsletter", campaign=always), author, rules=_joined("Newsletter"))


def _make(name: str, author: Any, **facts: Any) -> Workflow:
    found = ready.get(name)
    assert found is not None
    return ready_made.make(found, author, time_zone=Organisation.current().time_zone, **facts)


def _choose(workflow: Workflow, author: Any, **options: Any) -> None:
    known = {**workflow.drawing.steps["s2"].options, **options}
    workflows.draw(workflow, author, workflow.version, lambda graph: edits.choose(graph, "s2", known))


def _joined(group: str) -> dict[str, Any]:
    """The group is chosen; of its text a blank is left."""
    found = Group.objects.get(name=group)
    return {"all": [{"q": "group", "test": "joined", "value": {"days": 7, "rows": [found.pk]}}, {"q": "textable", "test": "is", "value": True}]}
