"""Campaigns with their mailings: one that runs, one to come, one that is over."""

from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from campaigns.models import Mailing
from campaigns.pipeline.prepare import prepare
from campaigns.services import campaigns, mailings
from campaigns.statuses import DRAFTS
from campaigns.texts import Texts
from contacts.models import Group
from providers.models import Provider
from smsapp.demo import traffic

OPEN_EVENING = "Hello {contact.first_name|friend}, the open evening is on Thursday from 18:00. Entry is free. Reply STOP to end."
LAST_CONCERT = "Hello {contact.first_name|friend}, our last summer concert is on Sunday at 17:00 in the park. Reply STOP to end."
BROCHURE = "Hello {contact.first_name|friend}, the programme of the winter is out. Ask for your copy at the door. Reply STOP to end."


def make_campaigns(provider: Provider, author: Any) -> None:
    """Finished mailings in two of them, a plan that waits for confirmation, drafts."""
    today = timezone.localdate()
    winter = campaigns.create(
        "Winter season", description="Everything about concerts and evenings of the winter.\nClaire looks after it.",
        starts_on=today.replace(day=1), ends_on=today + timedelta(days=90),
    )  # fmt: skip
    spring_days = {"starts_on": today + timedelta(days=100), "ends_on": today + timedelta(days=121)}
    spring = campaigns.create("Spring tour", description="Eight towns in three weeks.", **spring_days)
    summer = campaigns.create("Summer concerts", starts_on=today - timedelta(days=180), ends_on=today - timedelta(days=90))
    traffic.make_finished_mailing(provider, author, "Last concert", LAST_CONCERT, group="Choir", campaign=summer, days=95)
    traffic.make_finished_mailing(provider, author, "Open evening", OPEN_EVENING, group="Members", campaign=winter, days=3)
    ready = _draft(provider, author, "Season brochure", BROCHURE, group="Volunteers", campaign=winter)
    mailings.prepare(ready, author)
    prepare(ready.id)
    mailings.create(author, "Carol singing", campaign=winter, include=[Group.objects.get(name="Choir")])
    mailings.create(author, "Tour dates", campaign=spring, include=[Group.objects.get(name="Newsletter")])
    Mailing.objects.filter(status__in=DRAFTS).update(created_at=F("created_at") - timedelta(days=1))


def _draft(provider: Provider, author: Any, name: str, text: str, *, group: str, campaign: Any) -> Mailing:
    mailing = mailings.create(author, name, campaign=campaign, include=[Group.objects.get(name=group)])
    return mailings.save_content(mailing, by=author, version=mailing.version, provider=provider, sender=traffic.SENDER, texts=Texts(text), max_segments=2)
