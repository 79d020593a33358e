"""A provider, templates and finished mailings with mixed outcomes, through the pipeline's own doors."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from campaigns.models import Campaign, Chunk, LaneTally, Mailing, Message, SmsTemplate
from campaigns.pipeline import bad_news, finish
from campaigns.pipeline.prepare import prepare
from campaigns.pipeline.record import RECORD
from campaigns.plans import Plan
from campaigns.services import mailings, templates, test_send, transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import ChunkState, MessageStatus
from campaigns.statuses import MailingStatus as S
from campaigns.texts import Texts
from contacts.models import Contact, Group
from providers.models import Provider

SENDER = "36111"
# (status, reason, detail, share)
OUTCOMES: tuple[tuple[MessageStatus, str, str, float], ...] = (
    (MessageStatus.DELIVERED, "", "", 0.9),
    (MessageStatus.UNDELIVERED, "unreachable", "30003 undelivered", 0.035),
    (MessageStatus.UNDELIVERED, "unknown_number", "30005 undelivered", 0.02),
    (MessageStatus.FAILED, "not_mobile", "21614", 0.01),
    (MessageStatus.UNKNOWN, "no_answer", "", 0.005),
    (MessageStatus.SENT, "", "", 0.03),
)

REPORTED = (MessageStatus.DELIVERED, MessageStatus.UNDELIVERED)


def make_provider() -> Provider:
    """The simulator, as default provider."""
    values = {"kind": "simulator", "senders": [SENDER, "CONSOLE"], "rate": 50, "max_segments": 3, "price_per_segment": "0.06650", "is_default": True}
    return Provider.objects.get_or_create(name="Demo gateway", defaults=values)[0]


def make_smpp_provider() -> Provider:
    """The simulator over SMPP."""
    options = {
        **{"host": "127.0.0.1", "port": str(settings.SIMULATOR_SMPP_PORT), "tls": "no", "system_id": "demo", "mode": "transceiver"},
        **{"binds": "1", "window": "50", "enquire": "30", "alphabet": "gsm", "long_texts": "header", "ids": "same"},
    }
    values = {"kind": "smpp", "options": options, "secrets": {"password": "demo"}, "senders": ["CONSOLE", SENDER], "rate": 50, "max_segments": 3,
              "price_per_segment": "0.04500"}  # fmt: skip
    return Provider.objects.get_or_create(name="Demo operator (SMPP)", defaults=values)[0]


def make_templates(provider: Provider, author: Any) -> None:
    """One in English, one in French, one in both that was changed since."""
    english = "Hello {contact.first_name|friend}, we look forward to seeing you tomorrow at 19:00. Reply STOP to end."
    french = "Bonjour {contact.first_name|à vous}, votre cotisation arrive à terme. Merci de votre soutien ! STOP au 36111"
    _make_template("Event reminder", Texts(english, "en"), author, provider=provider, sender=SENDER, kind=SmsTemplate.Kind.MARKETING)
    _make_template("Rappel de cotisation", Texts(french, "fr"), author, provider=provider, sender=SENDER, kind=SmsTemplate.Kind.MARKETING)
    six = "Hello {contact.first_name|friend}, the rehearsal on Monday is moved to 18:00."
    first = Texts(six, "en", {"fr": "Bonjour {contact.first_name|à vous}, la répétition de lundi est à 18 h."})
    moved = _make_template("Rehearsal moved", first, author, max_segments=2)
    if moved is None:
        return
    room = "Hello {contact.first_name|friend}, the rehearsal on Monday is moved to 19:00, in the small hall."
    second = Texts(room, "en", {"fr": "Bonjour {contact.first_name|à vous}, la répétition de lundi est à 19 h, dans la petite salle."})
    templates.change(moved, author, texts=second)
    templates.change(moved, author, texts=Texts(room.replace("moved to ", "at "), "en", second.translations))


def _make_template(name: str, texts: Texts, author: Any, **settings: Any) -> SmsTemplate | None:
    """None where it is there already."""
    return None if SmsTemplate.objects.filter(name=name).exists() else templates.create(name, texts, author, **settings)


def make_test(author: Any) -> None:
    """A test of the template in two languages, which arrived."""
    template = SmsTemplate.objects.get(name="Rehearsal moved")
    provider = Provider.objects.get(is_default=True)
    trial = test_send.Trial(Texts.of(template), provider, SENDER, template.max_segments, template=template, version=template.version)
    reader = Contact.objects.active().filter(language="fr", reach=Contact.Reach.MOBILE).order_by("id").first()
    test = test_send.send_as(trial, reader, ["+33639989990"], author, key=str(uuid4()))
    sent = Message.objects.get(idempotency_key=f"{test.key}:+33639989990")
    transitions.move_messages([_answer(sent.pk, MessageStatus.DELIVERED, "", "", 1)])
    transitions.move_messages([Outcome(sent.pk, MessageStatus.DELIVERED)], reported=True)
    Chunk.objects.filter(id__in=[sent.chunk_id]).update(state=ChunkState.DONE)


def make_finished_mailing(provider: Provider, author: Any, name: str, text: str, *, group: str, campaign: Campaign, days: int) -> Mailing:
    """A mailing of so many days ago, with its reports."""
    template = SmsTemplate.objects.get(name="Event reminder")
    mailing = mailings.create(author, name, campaign=campaign, include=[Group.objects.get(name=group)], exclude=[Group.objects.get(name="Staff")])
    mailing = mailings.save_content(
        mailing, by=author, version=mailing.version, provider=provider, sender=SENDER, texts=Texts(text), template=template, max_segments=2
    )
    mailings.prepare(mailing, author)
    prepare(mailing.id)
    mailings.confirm(mailing, author)
    _send_all(mailing)
    finish.finish()
    _set_back(mailing, days=days)
    mailing.refresh_from_db()
    return mailing


def _send_all(mailing: Mailing) -> None:
    dice = random.Random(11)
    ids = list(Message.objects.filter(mailing=mailing).values_list("id", flat=True))
    fates = dice.choices(OUTCOMES, weights=[share for *_fate, share in OUTCOMES], k=len(ids))
    first = [_answer(id_, *fate) for id_, fate in zip(ids, fates, strict=True)]
    reports = [Outcome(id_, fate[0], "", fate[1], fate[2]) for id_, fate in zip(ids, fates, strict=True) if fate[0] in REPORTED]
    transitions.move_messages(first)
    transitions.move_messages(reports, reported=True)
    bad_news.after_reports([*first, *reports], set(ids))
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [ids])
    Chunk.objects.filter(mailing=mailing).update(state=ChunkState.DONE)


def _answer(message_id: int, status: MessageStatus, reason: str, _detail: str, _share: float) -> Outcome:
    """What the gateway said at once: accepted where a report follows, else the fate itself."""
    if status in (MessageStatus.SENT, *REPORTED):
        return Outcome(message_id, MessageStatus.SENT, f"SM{message_id:032x}", attempts=1)
    return Outcome(message_id, status, reason=reason, attempts=1)


def _set_back(mailing: Mailing, *, days: int) -> None:
    """Everything of this mailing happened some days ago, each thing in its time: written, prepared, confirmed, sent at the provider's rate."""
    mailing.refresh_from_db()
    plan = Plan.read(mailing.planned)
    assert plan is not None and mailing.provider is not None
    began = timezone.now() - timedelta(days=days)
    ended, prepared = began + timedelta(seconds=plan.seconds), began - timedelta(minutes=4)
    told = replace(plan, made_at=prepared.isoformat()).stored()
    created = prepared - timedelta(minutes=20)
    moments = {"created_at": created, "confirmed_at": began, "started_at": began, "finished_at": ended, "plan": told, "planned": told}
    Mailing.objects.filter(id=mailing.id).update(**moments)
    happened = {S.PREPARING: prepared - timedelta(seconds=2), S.READY: prepared, S.SENDING: began, S.FINISHED: ended}
    for event in mailing.events.all():
        mailing.events.filter(id=event.id).update(at=happened[S(event.status)])
    _set_back_messages(mailing, prepared, began, 1 / mailing.provider.pace)
    _set_back_tallies(began)


# One after the other in the order of their contacts; a report comes some seconds later.
SPREAD = """
    WITH texts AS (SELECT id, %(began)s + (sum(segments) OVER (ORDER BY contact_id) - segments) * make_interval(secs => %(pace)s) AS left_at
                     FROM campaigns_message WHERE mailing_id = %(mailing)s),
         moved AS (UPDATE campaigns_message AS m
                      SET created_at = %(prepared)s,
                          sent_at = CASE WHEN m.sent_at IS NOT NULL THEN left_at END,
                          reported_at = CASE WHEN m.reported_at IS NOT NULL THEN left_at + make_interval(secs => 3 + m.id %% 7) END
                     FROM texts WHERE m.id = texts.id)
    UPDATE contacts_activity AS a SET at = left_at FROM texts WHERE a.source = texts.id AND a.kind = 'sms_sent'"""


def _set_back_tallies(began: datetime) -> None:
    """How the provider did, likewise; reports came within ten seconds."""
    fresh = LaneTally.objects.filter(slot__gt=timezone.now() - timedelta(minutes=30))
    fresh.filter(what__gte=LaneTally.REPORTS, what__lt=LaneTally.TESTS).update(what=F("what") + 2)
    fresh.update(slot=began)


def _set_back_messages(mailing: Mailing, prepared: datetime, began: datetime, pace: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SPREAD, {"mailing": mailing.pk, "prepared": prepared, "began": began, "pace": pace})
