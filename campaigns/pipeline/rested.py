"""Who will have been texted shortly before a moment to come: by what has left already, and by what is known to leave until then."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from campaigns.models import Exclusion, Mailing, Message
from campaigns.pipeline import planning, rest
from campaigns.statuses import MailingStatus, MessageStatus

NAMED = 3  # scheduled mailings that are named


@dataclass(frozen=True, slots=True)
class Before:
    """The `hours` before `at`, for the recipients of a prepared mailing."""

    mailing: Mailing
    hours: int
    at: datetime

    @property
    def since(self) -> datetime:
        """Where these hours begin."""
        return self.at - timedelta(hours=self.hours)

    def texted(self) -> QuerySet[Message]:
        """Recipients who were texted in these hours already."""
        return planning.of(self.mailing).filter(self._texted())

    def due(self) -> QuerySet[Message]:
        """Recipients for whom another text is to leave in these hours."""
        return planning.of(self.mailing).filter(self._due())

    def either(self) -> QuerySet[Message]:
        """Both."""
        return planning.of(self.mailing).filter(self._texted() | self._due())

    def mailings(self) -> list[Mailing]:
        """Other mailings that are to text recipients in these hours, the soonest first."""
        mine = planning.of(self.mailing).filter(contact_id=OuterRef("contact_id"))
        theirs = Message.objects.filter(mailing=OuterRef("pk"), status=MessageStatus.OPEN)
        return list(self._others().filter(Exists(theirs.filter(Exists(mine)))).order_by("scheduled_at", "id")[: NAMED + 1])

    def rested(self) -> int:
        """People who were left out because they were texted not long ago, and for whom that will be long enough ago then."""
        out = Exclusion.objects.filter(mailing=self.mailing, reason=rest.REASON)
        return out.exclude(contact_id__in=rest.people_texted_since(self.since)).count()

    def _texted(self) -> Q:
        return Q(contact_id__in=rest.people_texted_since(self.since))

    def _due(self) -> Q:
        waiting = Message.objects.filter(mailing_id__in=list(self._others().values_list("pk", flat=True)), status=MessageStatus.OPEN)
        one_offs = Message.objects.scheduled().filter(scheduled_at__gte=self.since, scheduled_at__lt=self.at)
        return Q(contact_id__in=waiting.values("contact_id")) | Q(contact_id__in=one_offs.values("contact_id"))

    def _others(self) -> QuerySet[Mailing]:
        in_time = Q(status=MailingStatus.SCHEDULED, scheduled_at__gte=self.since, scheduled_at__lt=self.at)
        if self.since <= timezone.now():
            in_time |= Q(status=MailingStatus.SENDING)
        return Mailing.objects.filter(in_time).exclude(pk=self.mailing.pk)
