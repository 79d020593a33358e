"""What campaigns puts into the slots of the apps below."""

from collections.abc import Collection

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import wording
from campaigns.inbox import cards as inbox_cards
from campaigns.inbox import lists
from campaigns.models import Conversation, Message
from campaigns.statuses import MessageStatus
from contacts import slots as contact_slots
from contacts.models import Activity, Contact, Group
from contacts.slots import ListAction
from providers import slots as provider_slots
from providers.models import Provider
from smsapp.common import slots as common_slots
from smsapp.common.secrets import read_reference


class SendSms:
    """Actions → Send SMS on a contact's page."""

    label = gettext_lazy("Send SMS")
    icon = "chat-left-text"
    permission = "campaigns.add_message"

    def url(self, contact: Contact) -> str:
        """The one-off form, with this contact."""
        return f"{reverse('campaigns:send')}?contact={contact.pk}"

    def disabled_reason(self, request: HttpRequest) -> str:
        """Nothing can be sent without a gateway."""
        return "" if Provider.objects.active().exists() else _("There is no active provider.")


class WhyMailing:
    """Actions → Why / why not for a mailing."""

    label = gettext_lazy("Why / why not for a mailing")
    icon = "question-circle"
    permission = "campaigns.view_mailing"

    def url(self, contact: Contact) -> str:
        """All mailings with what they decided about this contact."""
        return f"{reverse('campaigns:why_contact')}?contact={contact.pk}"

    def disabled_reason(self, request: HttpRequest) -> str:
        """Can be asked at any time."""
        return ""


class OpenConversation:
    """Actions → Conversation on the page of a contact who wrote."""

    label = gettext_lazy("Conversation")
    icon = "chat-square-text"
    permission = lists.RIGHT

    def url(self, contact: Contact) -> str:
        """The thread that was last active."""
        found = Conversation.objects.filter(contact=contact).order_by("-last_at").values_list("pk", flat=True).first()
        return reverse("inbox:thread", args=[found]) if found else ""

    def disabled_reason(self, request: HttpRequest) -> str:
        """Can be read at any time."""
        return ""


class MailGroup:
    """New SMS on a group's page."""

    label = gettext_lazy("New SMS")
    icon = "send"
    permission = "campaigns.add_mailing"

    def url(self, group: Group) -> str:
        """Step 1 of the wizard, with this group included."""
        return f"{reverse('campaigns:new')}?group={group.pk}"

    def disabled_reason(self, request: HttpRequest) -> str:
        """A draft can be written at any time."""
        return ""


def text_page(reference: str) -> str:
    """Where a text with this signed reference is shown."""
    found = read_reference(reference)
    return reverse("campaigns:message", args=[found]) if found is not None else ""


def delivered_texts(references: Collection[str]) -> set[str]:
    """Those of signed references whose text counts as delivered."""
    ids = {read_reference(reference): reference for reference in references}
    found = Message.objects.filter(pk__in=[pk for pk in ids if pk is not None], status=MessageStatus.DELIVERED)
    return {ids[pk] for pk in found.values_list("pk", flat=True)}


def fill() -> None:
    """Called once, from AppConfig.ready."""
    from campaigns import activities, cards, guards, lanes, questions
    from campaigns.log_files import MailingLog
    from campaigns.pipeline import heard
    from campaigns.services import merged, retention
    from smsapp.common.retention import kinds

    contact_slots.contact_actions.register("send_sms", SendSms(), order=10)
    contact_slots.contact_actions.register("conversation", OpenConversation(), order=20)
    contact_slots.contact_actions.register("why_mailing", WhyMailing(), order=50)
    contact_slots.contact_questions.register("why_mailing", WhyMailing())
    contact_slots.group_actions.register("new_mailing", MailGroup(), order=10)
    contact_slots.list_actions.register(
        "send_sms", ListAction("send_sms", gettext_lazy("Send SMS"), "chat-left-text", "campaigns.add_message", reverse_lazy("campaigns:send")), order=10
    )
    contact_slots.failure_words.register("failures", wording.reason)
    contact_slots.failure_pages.register("failures", lambda message: reverse("campaigns:message", args=[message]))
    contact_slots.marketing_holds.register(heard.IN_REVIEW, heard.REVIEW)
    contact_slots.export_sources.register("mailing_log", MailingLog())
    contact_slots.merge_facts.register("waiting_texts", merged.waiting_texts, order=50)
    questions.register()
    kinds.register("messages", retention.KIND, order=20)
    contact_slots.group_guards.register("mailings", guards.group_in_use)
    contact_slots.group_guards.register("keywords", guards.group_of_a_keyword)
    contact_slots.activity_filters.register("campaign", activities.OfCampaign())
    contact_slots.coming.register("one_off", activities.coming)
    contact_slots.activity_renderers.register(Activity.Kind.SMS_SENT, activities.sent)
    contact_slots.activity_renderers.register(Activity.Kind.SMS_RECEIVED, activities.received)
    common_slots.home_cards.register("to_decide", inbox_cards.to_decide, order=5)
    common_slots.home_cards.register("yours", inbox_cards.yours, order=25)
    common_slots.home_cards.register("waiting", cards.waiting, order=8)
    common_slots.home_cards.register("under_way", cards.under_way, order=10)
    common_slots.home_cards.register("unknown", cards.unknown, order=15)
    common_slots.home_cards.register("recent", cards.recent, order=20)
    common_slots.home_cards.register("drafts", cards.drafts, order=30)
    common_slots.search_sources.register("mailings", cards.search, order=50)
    common_slots.search_sources.register("campaigns", cards.search_campaigns, order=52)
    common_slots.search_sources.register("templates", cards.search_templates, order=55)
    provider_slots.provider_actions.register("send_test", lanes.SendTest())
    routing = provider_slots.PageLink(gettext_lazy("Routing"), "signpost-split", "campaigns.view_route", reverse_lazy("campaigns:routing"))
    provider_slots.page_links.register("routing", routing)
    rules = reverse_lazy("admin:campaigns_keywordrule_changelist")
    keywords = provider_slots.PageLink(gettext_lazy("Keywords"), "chat-left-quote", "campaigns.view_keywordrule", rules)
    provider_slots.page_links.register("keywords", keywords)
    provider_slots.text_pages.register("messages", text_page)
    provider_slots.delivered_texts.register("messages", delivered_texts)
    provider_slots.health_figures.register("campaigns", lanes.figures)
    provider_slots.health_troubles.register("campaigns", lanes.troubles)
