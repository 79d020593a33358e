"""Guards of the plan: who was texted not long ago, and the same text to the same people."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import decisions
from campaigns.models import Exclusion, Message
from campaigns.pipeline.prepare import prepare
from campaigns.plans import Plan
from campaigns.services import mailings
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_mailing, make_provider, make_ready
from campaigns.tests.working import unite
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
STOP = "Hello STOP au 36111"


def plan_of(mailing):
    mailing.refresh_from_db()
    return Plan.read(mailing.plan)


def plan_page(client, mailing):
    return client.get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()


def test_who_was_texted_lately_is_counted_shown_and_can_be_left_out(client_for, three):
    mailing, client = make_ready(make_group(*three), text=STOP), client_for("author")
    assert (plan_of(mailing).recent, plan_of(mailing).recipients) == (1, 3)
    page = plan_page(client, mailing)
    assert "1 person was texted not long ago" in page and "Within the last 24 hours." in page and 'value="rest"' in page
    people = client.get(f"/sms/mailings/{mailing.pk}/messages/?recent=1").content.decode()
    assert "Ana Aubert" in people and "Ben Aubert" not in people
    client.post(f"/sms/mailings/{mailing.pk}/plan/", {"do": "rest", "version": mailing.version})
    prepare(mailing.pk)
    assert (plan_of(mailing).recipients, plan_of(mailing).excluded, plan_of(mailing).recent) == (2, {"texted_recently": 1}, 0)
    page = plan_page(client, mailing)
    assert "Who was texted within 24 hours is left out" in page and "It concerns 1 person." in page
    client.post(f"/sms/mailings/{mailing.pk}/plan/", {"do": "no-rest", "version": mailing.version})
    prepare(mailing.pk)
    assert plan_of(mailing).recipients == 3


def test_nobody_left_names_the_reason_of_most_and_lets_them_in_again(client_for, three):
    people = [*three[:2], make_contact(fictional(8), opted_out=True)]
    mailing, client = make_ready(make_group(*people), text=STOP, rest_hours=72), client_for("author")
    page = plan_page(client, mailing)
    assert "left out for this reason: Texted not long ago. Text them too, or change the recipients in step 1." in page
    blocker = page[page.index("Nobody would get this text") : page.index("</li>", page.index("Nobody would get this text"))]
    assert 'value="no-rest"' in blocker and f"/sms/mailings/{mailing.pk}/recipients/" in blocker
    client.post(f"/sms/mailings/{mailing.pk}/plan/", {"do": "no-rest", "version": mailing.version})
    prepare(mailing.pk)
    assert plan_of(mailing).recipients == 2


def test_the_reason_is_told_wherever_somebody_asks_why(client_for, three):
    mailing = make_ready(make_group(*three), rest_hours=72)
    assert set(Exclusion.objects.filter(mailing=mailing).values_list("reason", flat=True)) == {"texted_recently"}
    left_out = client_for("viewer").get(f"/sms/mailings/{mailing.pk}/left-out/?reason=texted_recently").content.decode()
    assert "Texted not long ago" in left_out and "hours of rest" in left_out and "Ana" in left_out
    decision = decisions.decide(mailing, three[0])
    assert (decision.code, str(decision.reason)) == ("left_out", "Texted not long ago")
    draft = make_mailing(make_group(*three), rest_hours=2)
    assert [decisions.decide(draft, person).code for person in three] == ["would_be_left_out", "would_be", "would_be"]


def test_leaving_out_a_plan_that_somebody_changed_is_told(client_for, three):
    mailing = make_ready(make_group(*three), version=3)
    page = client_for("author").post(f"/sms/mailings/{mailing.pk}/plan/", {"do": "rest", "version": 2}, follow=True).content.decode()
    assert "Somebody else saved" in page
    mailing.refresh_from_db()
    assert (mailing.status, mailing.rest_hours) == (MailingStatus.READY, None)


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40])
def test_nonsense_leaves_nobody_out(client_for, three, version):
    mailing = make_ready(make_group(*three), version=3)
    assert client_for("author").post(f"/sms/mailings/{mailing.pk}/plan/", {"do": "rest", "version": version}).status_code == 302
    mailing.refresh_from_db()
    assert mailing.rest_hours is None


def test_a_test_is_no_text(three):
    mailing = make_ready(make_group(three[2]))
    provider = make_provider()
    Message.objects.create(provider=provider, kind=Message.Kind.TEST, contact=three[2], number=fictional(2), text="x", status=10, sent_at=timezone.now())
    mailings.prepare_anew(mailing, None)
    prepare(mailing.pk)
    assert plan_of(mailing).recent == 0


def test_the_same_text_to_the_same_people_is_told(client_for, three):
    earlier = mailings.confirm(make_ready(make_group(*three[:2]), text=STOP, name="First round"), None)
    mailing = make_ready(make_group(*three[1:]), text=STOP)
    assert [(same.mailing, same.people) for same in plan_of(mailing).same] == [(earlier.pk, 1)]
    client = client_for("author")
    assert "1 person gets the same text from “First round”" in plan_page(client, mailing)
    people = client.get(f"/sms/mailings/{mailing.pk}/messages/?also={earlier.pk}").content.decode()
    assert "Ben Aubert" in people and "Chloé Aubert" not in people


def test_a_large_mailing_that_was_just_written_is_not_compared_text_by_text(three):
    """What the database knows of the mailing then is that there is none: for a million texts it would go through the other mailing a million times."""
    mailings.confirm(make_ready(make_group(*three), text=STOP), None)
    ways = []

    def look(execute, sql, parameters, many, context):
        if 'U0."again_of"' in sql:
            with connection.cursor() as cursor:
                cursor.execute("SHOW enable_nestloop")
                ways.append(cursor.fetchone()[0])
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(look):
        make_ready(make_group(*three), text=STOP)
    assert ways == ["off"]


def test_another_text_an_old_one_or_a_cancelled_one_is_not_the_same(three):
    group = make_group(*three)
    mailings.confirm(make_ready(group, text="Another"), None)
    old = mailings.confirm(make_ready(group, text=STOP), None)
    type(old).objects.filter(pk=old.pk).update(confirmed_at=timezone.now() - timedelta(hours=25))
    cancelled = mailings.cancel(mailings.confirm(make_ready(group, text=STOP), None), None)
    Message.objects.filter(mailing=cancelled).update(status=50)
    mailings.confirm(make_ready(group, text=STOP, translations={"fr": "Autre"}), None)
    assert plan_of(make_ready(group, text=STOP)).same == []



def test_people_who_were_merged_since_are_told(client_for, three):
    mailing = make_ready(make_group(*three), text=STOP)
    assert "since" not in " ".join(line for line in plan_page(client_for("author"), mailing).split("<strong>") if "merged" in line)
    unite(three[0], three[1])
    page = plan_page(client_for("author"), mailing)
    assert "1 recipient was merged with another since" in page and 'value="anew"' in page
    mailings.prepare_anew(mailing, None)
    prepare(mailing.pk)
    assert plan_of(mailing).recipients == 2 and "merged with another" not in plan_page(client_for("author"), mailing)


@pytest.mark.parametrize("step", ["recipients", "content", "plan"])
def test_a_draft_alone_is_said_to_be_kept_as_one(client_for, three, step):
    client, said = client_for("author"), "Kept as a draft at every step."
    assert said in client.get(f"/sms/mailings/{make_mailing(make_group(*three)).pk}/{step}/").content.decode()
    assert said not in client.get(f"/sms/mailings/{make_ready(make_group(*three)).pk}/{step}/").content.decode(), "it waits for confirmation"


@pytest.mark.parametrize("step", ["recipients", "content"])
def test_steps_say_that_a_change_discards_the_plan(client_for, three, step):
    mailing, client = make_ready(make_group(*three)), client_for("author")
    assert "what you save here discards it" in client.get(f"/sms/mailings/{mailing.pk}/{step}/").content.decode()
    mailings.take_back(mailing, None)
    assert "what you save here discards it" not in client.get(f"/sms/mailings/{mailing.pk}/{step}/").content.decode()
