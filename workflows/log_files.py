"""The log of an SMS step as a file: of all its sends, or of those in one period."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns import wording
from campaigns.log_files import MailingLog, id_in
from campaigns.models import Mailing
from workflows.models import Execution
from workflows.services import parents
from workflows.wording import span


class SmsLog(MailingLog):
    """`parent=<id>` of the mailing that holds the text, and the `period` where only one is wanted."""

    names: tuple[str, ...] = ("parent", "period")

    states = wording.OF_SEVERAL

    def state(self, row: Any, now: datetime) -> wording.State:
        """As the page of this log, which has texts of several sends."""
        return self.states[row.stage]

    def mailings(self, data: Any) -> QuerySet[Mailing]:
        """Its sends."""
        found = Mailing.objects.filter(made_by__parent=id_in(data.get("parent", "")))
        return found.filter(made_by__execution=id_in(data["period"])) if data.get("period") else found

    def back(self, data: Any) -> tuple[Any, str]:
        """The dashboard."""
        parent = parents.find(id_in(data.get("parent", "")))
        return (parent.name, reverse("workflows:parent", args=[parent.content.pk])) if parent else (_("Workflows"), reverse("workflows:list"))

    def name(self, data: Any) -> str:
        """The SMS, and the period."""
        name = super().name(data)
        execution = Execution.objects.filter(pk=id_in(data["period"])).first() if data.get("period") else None
        return f"{name}, {span(execution)}" if execution else name
