"""How a thread is answered: through which gateway, from which sender, and whether its number may be texted at all."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import wording
from campaigns.forms import sender as senders
from campaigns.models import Conversation, InboundMessage
from campaigns.services import quick_send
from campaigns.views import quiet
from campaigns.views.quiet import Asleep
from contacts import lone_numbers
from providers.models import Provider
from providers.senders import answering
from smsapp.common import phone

AWAKE = timedelta(hours=1)  # whoever wrote within it is not asleep


@dataclass(frozen=True, slots=True)
class Way:
    """The provider and sender that the thread came through, as forms choose them; `gone` when it cannot be answered through them."""

    origin: str
    provider: Provider | None
    sender: str
    gone: bool = False


def way(thread: Conversation) -> Way:
    """That of the last text; where its gateway is switched off, the first that there is."""
    last = InboundMessage.objects.filter(number=thread.number).order_by("-id").select_related("provider").first()
    if last and last.provider.active:
        sender = answering(last.provider.senders, last.recipient)
        return Way(f"{last.provider_id}:{sender}", last.provider, sender)
    return _first(gone=last is not None)


def _first(*, gone: bool) -> Way:
    origin = senders.first()
    provider = Provider.objects.active().filter(pk=int(origin.partition(":")[0] or 0)).first()
    return Way(origin, provider, origin.partition(":")[2], gone=gone)


def refusal(thread: Conversation) -> tuple[str, str]:
    """Why the number cannot be texted now: a code of contacts.eligibility and a sentence; both empty when it can."""
    if not thread.number.startswith("+"):
        return "no_number", _("This came from a name or a short code, which cannot be answered.")
    code = _code(thread)
    if not code:
        return "", ""
    if code == "no_number":
        words = _("%(name)s does not have this number any more. Add it to the contact again to answer.")
        return code, words % {"name": thread.person.name}
    return code, _("No text can be sent to this number. The reason: %(reason)s.") % {"reason": wording.reason(code)}


def _code(thread: Conversation) -> str:
    if (person := thread.person) is None:
        return lone_numbers.refusals([thread.number]).get(thread.number, "")
    return quick_send.why_not([(person.pk, thread.number)]).get((person.pk, thread.number), "")


def asleep(thread: Conversation) -> Asleep | None:
    """The question before a text at a quiet hour; none to somebody who wrote within the hour."""
    if InboundMessage.objects.filter(number=thread.number, received_at__gt=timezone.now() - AWAKE).exists():
        return None
    name = thread.person.name if thread.person else phone.display(thread.number)
    return quiet.asleep([quiet.Reader(thread.number, name)], None)
