"""Mailings that nobody makes by hand: a text that is kept for them, and each send made of it for people whom an upper app chose."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import transaction

from campaigns import tokens, vocabulary
from campaigns.models import Mailing, SmsTemplate
from campaigns.models.mailing import Role
from campaigns.services import blockers, copies, mailings, putting_away, templates, transitions
from campaigns.services.blockers import Blocker
from campaigns.statuses import MailingStatus
from campaigns.texts import Texts
from providers.models import Provider
from providers.segments import measure
from smsapp.common.sentences import Count
from smsapp.common.sentences import say_n as ngettext


@transaction.atomic
def keep_content(name: str, by: Any, *, template: SmsTemplate | None = None, texts: Texts | None = None, campaign: Any = None) -> Mailing:
    """A text that sends are made of: from a template, with the sender that it names, or as somebody wrote it, else empty."""
    origin: dict[str, Any] = {"text": texts.text, "language": texts.language} if texts else {}
    if template is not None:
        version, texts = templates.current_version(template), Texts.of(template)
        origin = {
            "template": template, "template_version": version, "text": texts.text, "language": texts.language, "translations": dict(texts.translations),
            "kind": template.kind, "max_segments": template.max_segments, "series": template.series,
        }  # fmt: skip
    provider, sender = _origin(template)
    return Mailing.objects.create(author=by, name=name[:120], role=Role.CONTENT, campaign=campaign, provider=provider, sender=sender, **origin)


def _origin(template: SmsTemplate | None) -> tuple[Provider | None, str]:
    """The template's, else the default one."""
    if template and template.provider and template.provider.active:
        return template.provider, template.sender
    provider = Provider.objects.active().first()
    return provider, provider.senders[0] if provider and provider.senders else ""


def texts(ids: Sequence[int]) -> dict[int, Mailing]:
    """Texts that are kept for sends, with their gateways."""
    return Mailing.objects.filter(role=Role.CONTENT).select_related("provider").in_bulk(ids)


def lacks(contents: Mapping[int, Mailing]) -> dict[int, list[Blocker]]:
    """What keeps sends from being made of each of some texts; many cost no more queries than one."""
    custom = cache(vocabulary.custom_tokens)
    return {pk: [*blockers.of_text(content, custom), *_too_long(content)] for pk, content in contents.items()}


def _too_long(content: Mailing) -> list[Blocker]:
    """Nobody could receive what is too long already without its tokens."""
    needed = [measure(tokens.without(text)).segments for text in Texts.of(content).all.values()]
    return [("too_long", _too_many(segments, content.max_segments)) for segments in needed if segments > content.max_segments]


def _too_many(segments: int, most: int) -> str:
    words = ngettext(
        "The text needs %(segments)s segments, but at most %(most)s is allowed. Shorten it, or allow more.",
        "The text needs %(segments)s segments, but at most %(most)s are allowed. Shorten it, or allow more.", most,
    )  # fmt: skip
    return words % {"segments": Count(segments), "most": most}


def send(content: Mailing, population: int, by: Any, *, name: str, one_of_several: bool) -> Mailing:
    """A draft of this text to a population."""
    role = Role.SEND if one_of_several else Role.ORDINARY
    return Mailing.objects.create(author=by, name=name[:120], role=role, population=population, **copies.content_of(content))


def copy_content(content: Mailing, by: Any) -> Mailing:
    """The same text once more, to be changed apart from it; whoever copies it answers for it."""
    return Mailing.objects.create(author=by, name=content.name, role=Role.CONTENT, **copies.content_of(content))


@transaction.atomic
def call_off(mailing: Mailing, by: Any, why: str) -> None:
    """End a send that nobody has confirmed, for good: what is prepared is cancelled; what is not can only go to the archive, as a draft."""
    row = Mailing.objects.select_for_update().get(pk=mailing.pk)
    if row.status == MailingStatus.READY:
        mailings.cancel(row, by, note=why)
        return
    taken = mailings.take_back(row, by)
    putting_away.archive(taken, by)
    transitions.note_event(row.pk, MailingStatus.DRAFT, by, why)


def approved_by(content: Mailing) -> Any:
    """Who answers for the text: whoever saved it last."""
    last = content.changes.select_related("author").order_by("-version").first()
    return last.author if last else content.author
