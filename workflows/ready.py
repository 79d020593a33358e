"""Workflows to start from: ordinary drawings whose blanks are marked. Pure.

A blank of a query is a rule that is not good yet, with the words that its step says meanwhile; one of a text stands in brackets, and is told in
the step's options, so that the brackets of other people's texts are none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from smsapp.common.sentences import as_json, of
from workflows.graph import Graph, Link, Node

BLANK = re.compile(r"\[[^\[\]]+\]")
HALF_A_YEAR = 180  # days
TEXTABLE = {"q": "textable", "test": "is", "value": True}  # who cannot be texted yet is found when that changes
OLD_ENOUGH = {"q": "created_at", "test": "not_within", "value": HALF_A_YEAR}
FIRST_TUESDAY = {"every": "month", "nth": 1, "day": 2, "times": ["10:00"]}


@dataclass(frozen=True, slots=True)
class Ready:
    """A scheduler, a query and a recurring SMS. `texts` are by language, of the language of whoever makes a workflow of it."""

    name: str  # in addresses
    label: Any
    about: Any
    icon: str
    rule: Mapping[str, Any]  # of the scheduler, without first day and time zone
    who: Any  # what the query is called
    rules: Mapping[str, Any]
    texts: Mapping[str, str]
    query: str = "query"
    options: Mapping[str, Any] = field(default_factory=dict)  # of the query, besides its rules
    blank: Any = ""

    def text(self, language: str) -> tuple[str, str]:
        """Its language and the text."""
        code = language[:2] if language[:2] in self.texts else "en"
        return code, self.texts[code]

    def drawing(self, *, content: int, text: str, zone: str, today: date) -> Graph:
        """With the mailing that holds its text."""
        asked = {"rules": self.rules, **self.options} | ({"blank": as_json(of(self.blank))} if self.blank else {})
        sms = {"how": "recurring", "period": "month", "afterwards": "none", "confirm": True, "content": content, "blanks": BLANK.findall(text)}
        nodes = (
            Node("s1", "scheduler", "", {"rule": {**self.rule, "from": today.isoformat(), "zone": zone}}),
            Node("s2", self.query, str(self.who), asked),
            Node("s3", "sms", "", sms),
        )
        return Graph({node.id: node for node in nodes}, (Link("s1", "out", "s2"), Link("s2", "out", "s3")))


def _daily(at: str) -> dict[str, Any]:
    return {"every": "day", "times": [at]}


ALL: tuple[Ready, ...] = (
    Ready(
        "birthday", _("Birthday SMS"),
        _("Every day at 09:00 it texts everybody whose birthday is today. Who was born on 29 February is texted on 28 February in other years."),
        "balloon", _daily("09:00"), _("Birthday today"), {"all": [{"q": "birthday", "test": "today"}]},
        {
            "en": "Happy birthday, {contact.first_name|friend}! [Your wish or your gift.] {organisation.name}. Reply STOP to end.",
            "fr": "Joyeux anniversaire {contact.first_name|à vous} ! [Votre souhait ou votre cadeau.] {organisation.name}. STOP : répondez STOP.",
        },
    ),
    Ready(
        "welcome", _("Welcome to a group"),
        _("Every day at 10:00 it texts people who joined a group within the last 7 days. Each is welcomed once, also who leaves and joins again."),
        "person-heart", _daily("10:00"), _("New in the group"), {"all": [{"q": "group", "test": "joined", "value": {"days": 7, "rows": []}}, TEXTABLE]},
        {
            "en": "Welcome, {contact.first_name|friend}! You are now with {organisation.name}. [What comes next.] Reply STOP to end.",
            "fr": "Bienvenue {contact.first_name|à vous} ! Vous avez rejoint {organisation.name}. [La suite pour vous.] STOP : répondez STOP.",
        },
        query="incremental_query", blank=_("Choose the group whose new members are welcomed."),
    ),
    Ready(
        "reminder", _("Reminder before a date"),
        _("Every day at 10:00 it texts people for whom a date of yours, such as an appointment, is in exactly 3 days. If it moves, they are reminded again."),
        "alarm", _daily("10:00"), _("The date is near"), {"all": [{"q": "", "test": "ahead", "value": 3}]},
        {
            "en": "Hello {contact.first_name|friend}, a reminder from {organisation.name}: [what, when and where]. Reply STOP to end.",
            "fr": "Bonjour {contact.first_name|à vous}, rappel de {organisation.name} : [quoi, quand et où]. STOP : répondez STOP.",
        },
        blank=_("Choose the field with the date, and how many days before it people are texted."),
    ),
    Ready(
        "silent", _("Win back: not texted for half a year"),
        _("On the first Tuesday of every month it texts people who got no text within the last 180 days, so each gets it every 180 days at most."),
        "arrow-counterclockwise", FIRST_TUESDAY, _("Not texted for long"),
        {"all": [OLD_ENOUGH, {"q": "texted", "test": "not_within", "value": HALF_A_YEAR}]},
        {
            "en": "Hello {contact.first_name|friend}, it has been a while! [Your news or your offer.] {organisation.name}. Reply STOP to end.",
            "fr": "Bonjour {contact.first_name|à vous}, cela fait longtemps ! [Vos nouvelles ou votre offre.] {organisation.name}. STOP : répondez STOP.",
        },
    ),
    Ready(
        "no-answer", _("Win back: no answer for half a year"),
        _("On the first Tuesday of every month it texts people who were texted within the last 180 days and answered nothing, each once in 180 days."),
        "chat-left-dots", FIRST_TUESDAY, _("No answer for long"),
        {"all": [
            OLD_ENOUGH, {"q": "texted", "test": "within", "value": HALF_A_YEAR}, {"q": "replied", "test": "not_within", "value": HALF_A_YEAR}, TEXTABLE,
        ]},
        {
            "en": "Hello {contact.first_name|friend}, do you still like our texts? [Your question or offer.] {organisation.name}. Reply STOP to end.",
            "fr": "Bonjour {contact.first_name|à vous}, nos SMS vous plaisent-ils ? [Votre question ou offre.] {organisation.name}. STOP : répondez STOP.",
        },
        query="incremental_query", options={"again_after": HALF_A_YEAR},
    ),
)  # fmt: skip


def get(name: str) -> Ready | None:
    """The one of that name."""
    return next((one for one in ALL if one.name == name), None)
