"""How texts look in a contact's history: the activity keeps subject and date, the message tells the rest."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import template_uses, wording
from campaigns.models import Campaign, InboundMessage, Mailing, Message, MessageTimeChange
from campaigns.services import scheduled
from contacts.models import Activity
from contacts.slots import ActivityView, Coming
from providers import failures
from smsapp.common import phone
from smsapp.common.readable import person_time


def sent(activities: list[Activity]) -> dict[int, ActivityView]:
    """Views of "Text Message (SMS) sent", two queries for all."""
    wanted = [activity.source for activity in activities if activity.source]
    related = ("provider", "author", "mailing", "mailing__campaign", "mailing__author", "template", "mailing__template", "mailing__template_version")
    messages = {message.pk: message for message in Message.objects.filter(id__in=wanted).with_stage().select_related(*related)}
    now, changes = timezone.now(), scheduled.changes_of(messages.values())
    told = [(activity, messages[activity.source]) for activity in activities if activity.source in messages]
    views = {activity.pk: _sent(activity, message, now, changes.get(message.pk, [])) for activity, message in told}
    return {activity.pk: _no_longer_kept() for activity in activities} | views


def _no_longer_kept() -> ActivityView:
    """The line stays, its text was removed (services.retention)."""
    return ActivityView(icon="chat-left-text", meta=[_("its text is no longer kept")], facts=[(_("Text"), _("No longer kept"))])


def _sent(activity: Activity, message: Message, now: Any, changes: list[MessageTimeChange]) -> ActivityView:
    state = wording.of_message(message.stage, message.sent_at, now)  # type: ignore[attr-defined]
    return ActivityView(
        text=message.text,
        tone=state.tone,
        icon=state.icon,
        status_label=state.label,
        meta=_meta(message),
        links=_links(message),
        facts=_facts(message, state, author="" if activity.author_id else _author(message), changes=changes),
    )


def coming(ids: Sequence[int], user: Any) -> list[Coming]:
    """One-off texts that wait for their date and time."""
    waiting = list(Message.objects.scheduled().filter(contact__in=ids).with_stage().select_related("provider", "author").order_by("scheduled_at", "id"))
    return [_coming(message, may_cancel=scheduled.may_cancel(user, message)) for message in waiting]


def _coming(message: Any, *, may_cancel: bool) -> Coming:
    state = wording.of_message(message.stage, None, timezone.now())
    places = ((_("Change the time"), "clock", "campaigns:change_text"), (_("Cancel"), "x-lg", "campaigns:cancel_text"))
    links = [(words, icon, reverse(place, args=[message.pk])) for words, icon, place in places] if may_cancel else []
    view = ActivityView(text=message.text, tone=state.tone, icon=state.icon, status_label=state.label, meta=_meta(message), links=links)
    return Coming(message.scheduled_at, message.subject, _("Text message (SMS)"), reverse("campaigns:message", args=[message.pk]), view)


def _links(message: Message) -> list[tuple[Any, str, str]]:
    if message.mailing is None:
        return []
    why = f"{reverse('campaigns:why', args=[message.mailing.pk])}?contact={message.contact_id}"
    return [(_("Why / why not"), "question-circle", why), (_("Open the mailing"), "send", reverse("campaigns:mailing", args=[message.mailing.pk]))]


def _meta(message: Message) -> list[str]:
    size = ngettext("%(n)s segment", "%(n)s segments", message.segments) % {"n": message.segments}
    lines = [size, _from(message), _("to %(number)s") % {"number": phone.display(message.number)}]
    if message.reason:
        lines.insert(0, str(wording.reason(message.reason, message.stage)))  # type: ignore[attr-defined]
    if message.mailing and message.mailing.campaign:
        lines.append(format_html(_("campaign {name}"), name=_campaign(message.mailing.campaign)))
    if author := _author(message):
        lines.append(_("by %(author)s") % {"author": author})
    return lines


def _from(message: Message) -> str:
    provider = message.provider.name if message.provider else ""
    return _("%(provider)s, from %(sender)s") % {"provider": provider, "sender": message.sender} if message.sender else provider


def _author(message: Message) -> Any:
    return message.author or (message.mailing.author if message.mailing else None)


def _facts(message: Message, state: wording.State, *, author: Any, changes: list[MessageTimeChange]) -> list[tuple[Any, Any]]:
    mailing, source = message.mailing, template_uses.source_of(message)
    facts = [
        (_("Status"), f"{state.label}: {wording.reason(message.reason, state.code)}" if message.reason else state.label),
        (_("What to do"), failure.advice if (failure := failures.FAILURES.get(message.reason)) else ""),
        (_("Gateway's words"), message.detail),
        (_("Number"), phone.display(message.number)),
        (_("Provider"), message.provider),
        (_("Sender"), message.sender),
        (_("Segments"), f"{message.segments}, {message.get_encoding_display()}"),
        (_("Mailing"), _link(mailing.name, "campaigns:mailing", mailing.pk) if mailing else ""),
        (_("Campaign"), _campaign(mailing.campaign) if mailing and mailing.campaign else ""),
        (_("Kind"), message.get_kind_display()),
        (_("Template"), format_html('<a href="{}">{}</a>', source.url, source) if source else ""),
        (_("Author"), author),
        (_("Queued"), person_time(message.created_at)),
        (_("Scheduled"), person_time(message.scheduled_at) if message.scheduled_at else ""),
        (_("Time changed"), _told(changes)),
        (_("Sent"), person_time(message.sent_at) if message.sent_at else ""),
        (_("Reported"), person_time(message.reported_at) if message.reported_at else ""),
    ]
    return [(label, value) for label, value in facts if value]


def _told(changes: list[MessageTimeChange]) -> str:
    """Of a one-off that was to leave at another time first."""
    words = _("from {before} to {after} by {author}")
    lines = (format_html(words, before=person_time(row.before), after=person_time(row.after), author=row.author or "–") for row in changes)
    return format_html_join("; ", "{}", ((line,) for line in lines))


def _link(words: str, place: str, *args: Any) -> str:
    return format_html('<a href="{}">{}</a>', reverse(place, args=args), words)


def _campaign(campaign: Campaign) -> str:
    return _link(campaign.name, "campaigns:campaign", campaign.pk)


class OfCampaign:
    """The filter of a history by campaign: of the texts that this person got."""

    name = "campaign"
    label = gettext_lazy("Campaign")
    everything = gettext_lazy("All campaigns")

    def choices(self, ids: Sequence[int]) -> list[tuple[str, str]]:
        """Campaigns of the person's texts; found from the history, which is short, not among all messages."""
        texts = Activity.objects.filter(contact__in=ids, kind=Activity.Kind.SMS_SENT).values("source")
        mailings = Message.objects.filter(id__in=texts, mailing__isnull=False).values("mailing")
        return [(str(pk), name) for pk, name in Campaign.objects.filter(mailings__in=mailings).distinct().order_by("name").values_list("id", "name")]

    def condition(self, value: str, ids: Sequence[int]) -> Q:
        """Texts of the campaign's mailings: each is one look into the index on mailing and contact."""
        texts = Message.objects.filter(mailing__in=Mailing.objects.filter(campaign_id=int(value)).values("id"), contact__in=ids)
        return Q(kind=Activity.Kind.SMS_SENT, source__in=texts.values("id"))


def received(activities: list[Activity]) -> dict[int, ActivityView]:
    """Views of "Text Message (SMS) received"."""
    wanted = [activity.source for activity in activities if activity.source]
    related = ("provider", "rule", "mailing", "reviewed_by")
    texts = {text.pk: text for text in InboundMessage.objects.filter(id__in=wanted).select_related(*related)}
    return {activity.pk: _received(texts[activity.source]) for activity in activities if activity.source in texts}


def _received(text: InboundMessage) -> ActivityView:
    number = phone.display(text.number)
    facts = [
        (_("From"), number),
        (_("To"), text.recipient),
        (_("Provider"), text.provider),
        (_("Received"), person_time(text.received_at)),
        (_("Taken for"), taken_for(text)),
        (_("Keyword rule"), text.rule if text.rule_id and text.rule else ""),
        (_("Review"), _reviewed(text)),
        (_("Answers the mailing"), _link(text.mailing.name, "campaigns:mailing", text.mailing.pk) if text.mailing_id and text.mailing else ""),
    ]
    told = [taken_for(text)] if text.action != InboundMessage.Action.NONE else []
    return ActivityView(
        text=text.text, tone="blue", icon="reply", status_label=_("Received"),
        meta=[*told, _("from %(number)s") % {"number": number}], facts=[(label, value) for label, value in facts if value],
    )  # fmt: skip


def taken_for(text: InboundMessage) -> str:
    """What a received text was understood as, with the word that said so."""
    meaning = text.get_action_display()
    return f"{meaning} (“{text.keyword}”)" if text.keyword else meaning


def _reviewed(text: InboundMessage) -> str:
    """What a person decided of a text that may mean stop."""
    if not text.review:
        return ""
    decided = text.get_review_display()
    if text.reviewed_by and text.reviewed_at:
        return format_html(_("{decision}, by {author}, {moment}"), decision=decided, author=text.reviewed_by, moment=person_time(text.reviewed_at))
    return decided
