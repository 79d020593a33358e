"""Where templates were used: in mailings, in one-off texts, and in what upper apps make of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Func, IntegerField, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import slots
from campaigns.models import Mailing, Message, SmsTemplate
from campaigns.slots import TemplateUse
from campaigns.statuses import DRAFTS, LAUNCHED
from smsapp.common.bidi import isolated

MOST_COUNTED = 1_000  # one-off texts of a template; more are "more than"


@dataclass(frozen=True, slots=True)
class Source:
    """The template that a text was made from, and the number of its version where one was kept."""

    template: SmsTemplate
    version: int | None

    @property
    def url(self) -> str:
        """Of the version; of the template where none was kept."""
        if self.version:
            return reverse("campaigns:template_version", args=[self.template.pk, self.version])
        return reverse("campaigns:template", args=[self.template.pk])

    def __str__(self) -> str:
        if not self.version:
            return self.template.name
        return _("%(template)s, version %(n)s") % {"template": isolated(self.template.name), "n": self.version}


def source_of(message: Message) -> Source | None:
    """A one-off text and a test say it themselves, a bulk one through its mailing."""
    if message.template is not None:
        return Source(message.template, message.template_version)
    return source_of_mailing(message.mailing) if message.mailing else None


def source_of_mailing(mailing: Mailing) -> Source | None:
    """What its text was made from, whatever became of the text since."""
    version = mailing.template_version
    return Source(mailing.template, version.number if version else None) if mailing.template else None


@dataclass(slots=True)
class Uses:
    """How often a template was used, and when last; tests do not count."""

    mailings: int = 0
    drafts: int = 0
    texts: int = 0  # one-off ones, up to MOST_COUNTED
    last: datetime | None = None

    @property
    def many_texts(self) -> bool:
        """There are more than were counted."""
        return self.texts > MOST_COUNTED

    @property
    def shown_texts(self) -> int:
        """As many as were counted."""
        return min(self.texts, MOST_COUNTED)


def of(templates: Sequence[SmsTemplate]) -> dict[int, Uses]:
    """By template, three queries for all."""
    found = {template.pk: Uses() for template in templates}
    mailings = Mailing.objects.filter(template__in=list(found)).order_by().values_list("template")
    launched = mailings.filter(status__in=LAUNCHED).annotate(Count("id"), last=Max(Coalesce("started_at", "confirmed_at", "created_at")))
    for template, count, last in launched:
        found[template].mailings, found[template].last = count, last
    for template, count in mailings.filter(status__in=DRAFTS).annotate(Count("id")):
        found[template].drafts = count
    for template, count, last in _texts(list(found)):
        uses = found[template]
        uses.texts, uses.last = count, max(filter(None, (uses.last, last)), default=None)
    return found


def texts_of(template: Any) -> QuerySet[Message]:
    """One-off texts made from it (a template, its id, or a reference to it), newest first."""
    return Message.objects.filter(template=template).exclude(kind=Message.Kind.TEST).order_by("-id")


def _texts(ids: list[int]) -> Any:
    """(template, one-off texts, when the last one was made); each is a short walk along the index."""
    some = ArraySubquery(texts_of(OuterRef("pk")).order_by("id").values("id")[: MOST_COUNTED + 1])
    count = Func(some, function="cardinality", output_field=IntegerField())
    last = Subquery(texts_of(OuterRef("pk")).values("created_at")[:1])
    return SmsTemplate.objects.filter(pk__in=ids).order_by().annotate(count=count, last=last).values_list("pk", "count", "last")


def elsewhere(template: SmsTemplate) -> list[TemplateUse]:
    """What upper apps make of it."""
    return [use for find in slots.template_uses for use in find(template)]


def why_kept(template: SmsTemplate) -> str:
    """Why a template must not be deleted, in words; empty when nothing was made from it."""
    uses = of([template])[template.pk]
    if not (uses.mailings or uses.drafts or uses.texts or elsewhere(template)):
        return ""
    words = _("“%(name)s” was used, and what was made from it leads back here. Archive it: then nobody is offered it any more.")
    return words % {"name": isolated(template.name)}
