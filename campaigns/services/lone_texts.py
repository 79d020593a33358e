"""A one-off text to a number that is no contact's, such as an answer to somebody unknown."""

from typing import Any

from django.utils.translation import gettext as _

from campaigns import tokens, wording
from campaigns.models import Message
from campaigns.pipeline.writing import measured
from campaigns.services import quick_send, routes, templates
from campaigns.services.errors import CampaignError
from campaigns.texts import Texts
from campaigns.vocabulary import Occasion, Vocabulary
from contacts import lone_numbers
from contacts.models import Contact
from providers.models import Provider
from smsapp.common import phone


def queue(
    *, author: Any, provider: Provider, sender: str, subject: str, texts: Texts, number: str, key: str, template: Any = None, most_segments: int
) -> list[Message]:
    """As `quick_send.queue`, for an E.164 number alone: tokens of a contact are filled as if nothing were known."""
    quick_send.check(provider, sender, subject, texts)
    if reason := lone_numbers.refusals([number]).get(number):
        words = _("No text can be sent to %(number)s. The reason: %(reason)s.")
        raise CampaignError(reason, words % {"number": phone.display(number), "reason": wording.reason(reason)})
    values = Vocabulary.of(texts.text, Occasion(subject, sender, author)).values(Contact(), number=number)
    body, encoding, segments = measured(tokens.render(texts.text, values))
    row = Message(
        kind=Message.Kind.ONE_OFF, author=author, provider=provider, sender=sender, subject=subject, text=body, number=number, encoding=encoding,
        segments=segments, template=template, template_version=templates.number_of(template, texts), idempotency_key=f"{key}:{number}",
    )  # fmt: skip
    if not body.strip():
        raise CampaignError("empty_text", wording.empty_text(phone.display(number), texts.text))
    routes.lead([row])
    quick_send.check_gateways([row])
    _check_size(row, most_segments)
    return quick_send.store([row], key)


def _check_size(row: Message, most: int) -> None:
    assert row.provider is not None  # it was given one
    limit = min(most, row.provider.max_segments)
    if row.segments > limit:
        words = _("The text has %(segments)s segments, at most %(limit)s may be sent. Shorten it.")
        raise CampaignError("too_long", words % {"segments": row.segments, "limit": limit})
