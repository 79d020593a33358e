"""How texts look in a contact's history: the activity keeps subject and date, the message tells the rest."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import wording
from campaigns.models import InboundMessage, Message
from contacts.models import Activity
from contacts.slots import ActivityView
from smsapp.common import phone
from smsapp.common.templatetags.ui import person_time


def sent(activities: list[Activity]) -> dict[int, ActivityView]:
    """Views of "Text Message (SMS) sent", one query for all; an activity whose message is gone has none."""
    wanted = [activity.source for activity in activities if activity.source]
    related = ("provider", "author", "mailing", "mailing__campaign", "mailing__author", "template")
    messages = {message.pk: message for message in Message.objects.filter(id__in=wanted).with_stage().select_related(*related)}
    now = timezone.now()
    return {activity.pk: _sent(messages[activity.source], now) for activity in activities if activity.source in messages}


def _sent(message: Message, now: Any) -> ActivityView:
    state = wording.of_message(message.stage, message.sent_at, now)  # type: ignore[attr-defined]
    return ActivityView(
        text=message.text,
        tone=state.tone,
        icon=state.icon,
        status_label=state.label,
        meta=_meta(message),
        url=reverse("campaigns:message", args=[message.pk]),
        facts=_facts(message, state),
    )


def _meta(message: Message) -> list[str]:
    size = ngettext("%(n)s segment", "%(n)s segments", message.segments) % {"n": message.segments}
    lines = [size, _from(message), _("to %(number)s") % {"number": phone.display(message.number)}]
    if message.reason:
        lines.insert(0, str(wording.reason(message.reason)))
    if message.mailing and message.mailing.campaign:
        lines.append(_("campaign %(name)s") % {"name": message.mailing.campaign})
    if author := _author(message):
        lines.append(_("by %(author)s") % {"author": author})
    return lines


def _from(message: Message) -> str:
    provider = message.provider.name if message.provider else ""
    return _("%(provider)s, from %(sender)s") % {"provider": provider, "sender": message.sender} if message.sender else provider


def _author(message: Message) -> Any:
    return message.author or (message.mailing.author if message.mailing else None)


def _facts(message: Message, state: wording.State) -> list[tuple[Any, Any]]:
    mailing = message.mailing
    facts = [
        (_("Status"), f"{state.label}: {wording.reason(message.reason)}" if message.reason else state.label),
        (_("Gateway's words"), message.detail),
        (_("Number"), phone.display(message.number)),
        (_("Provider"), message.provider),
        (_("Sender"), message.sender),
        (_("Segments"), f"{message.segments}, {message.get_encoding_display()}"),
        (_("Mailing"), mailing.name if mailing else ""),
        (_("Campaign"), mailing.campaign if mailing else ""),
        (_("Template"), message.template),
        (_("Author"), _author(message)),
        (_("Sent"), person_time(message.sent_at) if message.sent_at else ""),
        (_("Reported"), person_time(message.reported_at) if message.reported_at else ""),
    ]
    return [(label, value) for label, value in facts if value]


def received(activities: list[Activity]) -> dict[int, ActivityView]:
    """Views of "Text Message (SMS) received"."""
    wanted = [activity.source for activity in activities if activity.source]
    texts = {text.pk: text for text in InboundMessage.objects.filter(id__in=wanted).select_related("provider")}
    return {activity.pk: _received(texts[activity.source]) for activity in activities if activity.source in texts}


def _received(text: InboundMessage) -> ActivityView:
    number = phone.display(text.number)
    facts = [(_("From"), number), (_("To"), text.recipient), (_("Provider"), text.provider), (_("Received"), person_time(text.received_at))]
    return ActivityView(
        text=text.text, tone="blue", icon="reply", status_label=_("Received"),
        meta=[_("from %(number)s") % {"number": number}], facts=[(label, value) for label, value in facts if value],
    )  # fmt: skip
