"""Marketing leaves out who wants none, a service text does not: the same in counts, preparation, plan, why pages and the claim."""

import pytest

from campaigns import decisions
from campaigns.composing import readers
from campaigns.models import Mailing, Message
from campaigns.services import copies, mailings
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import fictional, make_mailing, make_ready, make_sending
from campaigns.tests.working import send_all
from campaigns.texts import Texts
from contacts.models import Contact
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
KINDS = ("marketing", "service")


def world():
    willing, out, never = make_contact(fictional(1)), make_contact(fictional(2), opted_out=True), make_contact(fictional(3), do_not_sms=True)
    return willing, out, never, make_group(willing, out, never)


def texted(mailing):
    return set(Message.objects.filter(mailing=mailing).values_list("contact_id", flat=True))


@pytest.mark.parametrize("kind", KINDS)
def test_every_path_decides_the_same(client_for, kind):
    willing, out, never, group = world()
    expected = {willing.pk} | ({out.pk} if kind == "service" else set())
    draft = make_mailing(group, kind=kind)
    assert set(readers.kept(draft).everybody().values_list("pk", flat=True)) == expected
    counted = client_for("author").get("/sms/mailings/count/", {"include": group.pk, "mailing": draft.pk}).content.decode()
    assert ("opted_out" in counted) is (kind == "marketing") and "do_not_sms" in counted
    named = client_for("author").get("/sms/mailings/left-out/opted_out/", {"include": group.pk, "mailing": draft.pk}).content.decode()
    assert (str(out) in named) is (kind == "marketing")
    assert (decisions.judged_now(draft, out), decisions.judged_now(draft, never)) == ("opted_out" if kind == "marketing" else None, "do_not_sms")
    assert texted(make_ready(group, kind=kind)) == expected


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS)
def test_who_opts_out_after_the_launch_is_caught_by_the_claim_of_marketing_only(gateway, kind):
    willing, _out, _never, group = world()
    mailing = make_sending(group, kind=kind)
    Contact.objects.filter(pk=willing.pk).update(opted_out=True)
    send_all(mailing)
    row = Message.objects.get(mailing=mailing, contact=willing)
    assert (row.status, row.reason) == ((MessageStatus.SKIPPED, "opted_out") if kind == "marketing" else (MessageStatus.SENT, ""))
    assert fictional(3) not in gateway.calls


def test_a_service_plan_says_how_many_want_no_marketing(client_for):
    *_people, group = world()
    page = client_for("marketer").get(f"/sms/mailings/{make_ready(group, kind='service').pk}/plan/").content.decode()
    assert "1 person who wants no marketing gets this text" in page


def test_another_kind_discards_the_plan():
    *_people, group = world()
    mailing = make_ready(group)
    changed = mailings.save_content(
        mailing, by=None, version=mailing.version, provider=mailing.provider, sender=mailing.sender, texts=Texts.of(mailing), kind="service"
    )
    assert (changed.status, changed.kind, changed.plan) == (MailingStatus.DRAFT, "service", {})


def test_a_new_mailing_is_marketing():
    assert Mailing().kind == "marketing"


def test_a_copy_keeps_kind_languages_and_rest():
    kept = {"kind": "service", "language": "en", "translations": {"fr": "Bonjour"}, "rest_hours": 12, "max_segments": 3}
    new = copies.copy(make_mailing(make_group(), recount=True, **kept), None)
    assert {name: getattr(new, name) for name in kept} == kept
    assert (new.recount, new.scheduled_at, new.status) == (False, None, MailingStatus.DRAFT)
