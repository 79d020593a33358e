"""Every road by which a workflow's texts could leave: with the right to build and run workflows alone none leads out."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group as Role

from campaigns.models import Mailing, Message
from campaigns.services import made, mailings, putting_away
from campaigns.services.errors import CampaignError
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import fictional, make_provider, make_template
from contacts.tests.factories import make_contact, make_group
from workflows.engine import start
from workflows.steps.sms import SmsForm
from workflows.tests.factories import drawn, group_step, make_workflow
from workflows.tests.roads import ROADS, Scene, go_on, time_comes

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene_of(user_for, client_for):
    """`scene_of("author")`: what they act on."""
    make_provider()
    group = make_group(*[make_contact(fictional(number)) for number in range(2)])

    def make(role: str) -> Scene:
        content = made.keep_content("Birthday", user_for("marketer"), template=make_template("Happy birthday, {contact.first_name}"))
        return Scene(user_for("marketer"), user_for(role), client_for(role), content, group)

    return make


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__.replace("_", " "))
@pytest.mark.parametrize(("role", "leaves"), [("author", False), ("marketer", True)])
def test_a_road_leads_out_for_who_may_send_and_for_nobody_else(road, role, leaves, scene_of):
    road(scene_of(role))
    go_on()
    sends = Mailing.objects.exclude(role="content")
    assert sends.count() == 1, "no mailing was made: this proves nothing"
    assert sends.get().status == (MailingStatus.SENDING if leaves else MailingStatus.READY)


# --- a mailing that waits ---


@pytest.fixture
def waiting(scene_of):
    """(the author's scene, a mailing of a marketer's workflow that waits for confirmation)."""
    scene = scene_of("author")
    workflow = make_workflow(drawn({"s1": group_step(scene.group), "s2": scene.sms(confirm=True)}, "s1 s2"), scene.marketer)
    start.start(workflow, scene.marketer)
    go_on()
    return scene, Mailing.objects.get(made_by__workflow=workflow)


PAGES = ["pause", "hold", "resume", "take-back", "stop", "cancel", "reschedule", "give-up", "archive", "restore", "delete"]


def test_no_page_of_the_mailing_itself_sends_it(waiting):
    scene, mailing = waiting
    page = f"/sms/mailings/{mailing.pk}/"
    for name in PAGES:
        scene.posts(f"{page}{name}/", sure="1", yes="1")
    for how in ({"when": "now"}, {"when": "later", "date": "2030-01-01", "time": "10:00"}):
        scene.posts(f"{page}plan/", do="launch", sure="1", version=str(mailing.version), **how)
    go_on()
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY and mailing.confirmed_by is None


def test_it_is_not_deleted_under_the_run_that_goes_by_it(waiting):
    scene, mailing = waiting
    for kept in (mailing, scene.content):
        page = scene.client.post(f"/sms/mailings/{kept.pk}/delete/", follow=True).content.decode()
        assert "so it is not deleted" in page and f"/sms/mailings/{kept.pk}/delete/" not in page
        with pytest.raises(CampaignError, match="not deleted"):
            putting_away.delete(kept, scene.marketer)
    assert "stopping the workflow calls it off" in putting_away.why_kept(mailing)


def test_a_paused_mailing_is_not_resumed(waiting):
    scene, mailing = waiting
    mailings.pause(mailings.confirm(mailing, scene.marketer), scene.marketer)
    assert scene.posts(f"/sms/mailings/{mailing.pk}/resume/", sure="1").status_code in (403, 405)
    go_on()
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.PAUSED


def test_texts_that_failed_or_whose_fate_is_unknown_are_not_sent_again(waiting):
    scene, mailing = waiting
    Message.objects.filter(mailing=mailing).update(status=MessageStatus.FAILED)
    before = Message.objects.count()
    assert scene.posts("/sms/retry/", mailing=str(mailing.pk), sure="1").status_code == 403
    assert scene.posts("/sms/unknown/again/", mailing=str(mailing.pk), sure="1").status_code == 403
    assert Message.objects.count() == before


# --- the confirmation itself, and rights that change ---


def test_an_author_cannot_untick_the_confirmation(scene_of, user_for):
    scene = scene_of("author")
    workflow = make_workflow(drawn({"s1": scene.sms(confirm=True)}), scene.marketer)
    asked: dict[str, Any] = {"workflow": workflow, "node": workflow.drawing.steps["s1"]}
    data = {"how": "single", "afterwards": "none"}
    assert "but not send" in str(SmsForm(data, user=scene.actor, **asked).errors["confirm"])
    assert SmsForm(data, user=scene.marketer, **asked).is_valid()
    assert SmsForm({**data, "confirm": "on"}, user=scene.actor, **asked).is_valid()
    told = scene.posts(f"/workflows/{workflow.pk}/steps/s1/", **data, version=str(workflow.version))
    workflow.refresh_from_db()
    assert told.status_code == 422 and "but not send" in told.content.decode()
    assert workflow.drawing.steps["s1"].options["confirm"] is True


@pytest.mark.parametrize("change", ["another role", "switched off", "gone"])
def test_who_may_no_longer_send_sends_no_more_by_workflows_started_before(change, scene_of):
    scene = scene_of("author")
    workflow = start.start(scene.workflow(scheduled=True), scene.marketer)
    if change == "another role":
        scene.marketer.groups.set([Role.objects.get(name="Author")])
    elif change == "switched off":
        get_user_model().objects.filter(pk=scene.marketer.pk).update(is_active=False)
    else:
        scene.marketer.delete()
    time_comes(workflow)
    assert Mailing.objects.get(made_by__workflow=workflow).status == MailingStatus.READY
    assert workflow.log.filter(words__contains="may not send").exists()


def test_what_is_waiting_leaves_when_somebody_who_may_send_takes_it_over(scene_of):
    scene = scene_of("author")
    workflow = start.start(scene.workflow(scheduled=True), scene.marketer)
    start.pause(workflow, scene.marketer)
    start.resume(workflow, scene.actor)
    start.pause(workflow, scene.marketer)
    start.resume(workflow, scene.marketer)
    time_comes(workflow)
    assert Mailing.objects.get(made_by__workflow=workflow).status == MailingStatus.SENDING
