"""A workflow made of one that is ready to start from: an ordinary drawing, with its text in the language of whoever makes it."""

from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import get_language

from campaigns.services import made
from campaigns.texts import Texts
from smsapp.common import clock
from smsapp.common.models import Organisation
from workflows.models import Workflow
from workflows.ready import Ready
from workflows.services import workflows


@transaction.atomic
def make(ready: Ready, by: Any, *, label: str = "", campaign: Any = None, time_zone: str = "") -> Workflow:
    """Nothing of it is started. Raises WorkflowError."""
    name, zone = label.strip() or str(ready.label), time_zone or Organisation.current().time_zone
    language, text = ready.text(get_language() or "en")
    content = made.keep_content(name, by, texts=Texts(text, language), campaign=campaign)
    drawing = ready.drawing(content=content.pk, text=text, zone=zone, today=clock.now().astimezone(ZoneInfo(zone)).date())
    return workflows.create(name, by, graph=drawing, description=str(ready.about), campaign=campaign, time_zone=zone)
