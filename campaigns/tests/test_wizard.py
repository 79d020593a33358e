"""The three steps of a mailing: kept at every step, by plain posts, one launch."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, Mailing, MailingEvent
from campaigns.pipeline.prepare import prepare
from campaigns.services import mailings
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready, make_sending, make_template
from campaigns.texts import Texts
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
NEW = "/sms/mailings/new/"
HTMX = {"HX-Request": "true"}


def step(mailing, name):
    return f"/sms/mailings/{mailing.pk}/{name}/"


def body(response):
    return response.content.decode()


# --- rights ---


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("staff", 403), ("author", 200), ("marketer", 200), ("administrator", 200)])
def test_authors_may_write_mailings(client_for, role, status):
    mailing, client = make_ready(make_people(2)), client_for(role)
    urls = [NEW, *(step(mailing, name) for name in ("recipients", "content", "preview", "plan")), f"{step(mailing, 'plan')}progress/"]
    assert [client.get(url).status_code for url in urls] == [status] * len(urls)
    assert client.get("/sms/mailings/left-out/no_number/").status_code == status


def test_nobody_logged_in_is_asked_to_log_in():
    mailing = make_ready(make_people(1))
    for url in (NEW, *(step(mailing, name) for name in ("recipients", "content", "preview", "plan"))):
        assert "/account/login/" in Client().get(url)["Location"]
        assert "/account/login/" in Client().post(url)["Location"]


@pytest.mark.parametrize("role", ["viewer", "staff"])
def test_others_cannot_post(client_for, role):
    mailing = make_ready(make_people(1))
    for url in (NEW, *(step(mailing, name) for name in ("recipients", "content", "plan"))):
        assert client_for(role).post(url, {"name": "x", "do": "next"}).status_code == 403
    assert Mailing.objects.count() == 1


# --- step 1 ---


def test_a_new_mailing_is_kept_with_its_groups(client_for):
    group, staff, campaign = make_people(3), make_group(), Campaign.objects.create(name="Winter")
    data = {"name": " Programme ", "campaign": campaign.pk, "include": [group.pk], "exclude": [staff.pk], "do": "next"}
    response = client_for("author").post(NEW, data)
    mailing = Mailing.objects.get()
    assert response["Location"] == step(mailing, "content")
    assert (mailing.name, mailing.campaign, mailing.author.username) == ("Programme", campaign, "author")
    assert (list(mailing.include_groups.all()), list(mailing.exclude_groups.all())) == ([group], [staff])


def test_a_group_of_the_address_is_included_at_once(client_for):
    group = make_people(2)
    assert f'name="include" value="{group.pk}"' in body(client_for("author").get(f"{NEW}?group={group.pk}"))


def test_ticked_groups_move_between_the_boxes_without_script(client_for):
    one, two = make_people(2), make_group(name="Staff")
    client = client_for("author")
    page = body(client.post(NEW, {"name": "Kept name", "pick": [one.pk], "move": "include"}))
    assert f'name="include" value="{one.pk}"' in page and "Kept name" in page
    page = body(client.post(NEW, {"include": [one.pk, two.pk], "in": [two.pk], "move": "exclude"}))
    assert f'name="exclude" value="{two.pk}"' in page and f'name="include" value="{two.pk}"' not in page
    page = body(client.post(NEW, {"include": [one.pk], "exclude": [two.pk], "ex": [two.pk], "move": "remove"}))
    assert f'name="exclude" value="{two.pk}"' not in page and f'name="pick" value="{two.pk}"' in page
    assert not Mailing.objects.exists()


def test_with_script_only_the_boxes_come_back_and_the_count_is_asked_for(client_for):
    group = make_people(3)
    response = client_for("author").post(NEW, {"pick": [group.pk], "move": "include"}, headers=HTMX)
    assert "<html" not in body(response) and "of 3 chosen" not in body(response)
    assert response["HX-Trigger-After-Settle"] == "audience"


def test_the_count_names_each_reason_and_leads_to_its_people(client_for):
    out = make_contact(fictional(7), opted_out=True, last_name="Chaabane")
    group = make_group(make_contact(fictional(1)), out, make_contact(None), make_contact(fictional(1), last_name="Twin"))
    client = client_for("author")
    page = body(client.get(f"/sms/mailings/count/?include={group.pk}"))
    assert "of 4 chosen" in page
    for reason, name in (("opted_out", "Chaabane"), ("duplicate_number", "Twin")):
        url = f"/sms/mailings/left-out/{reason}/?include={group.pk}"
        assert url in page
        people = body(client.get(url))
        assert name in people and people.count('<th scope="row">') == 1
    assert client.get("/sms/mailings/left-out/bogus/").status_code == 404


def test_exclude_wins_and_the_same_group_on_both_sides_is_an_error(client_for):
    group = make_people(2)
    page = body(client_for("author").post(NEW, {"name": "Both", "include": [group.pk], "exclude": [group.pk], "do": "next"}))
    assert "is included and excluded" in page
    assert not Mailing.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"), [({"name": ""}, "Give the SMS a name"), ({"name": "x" * 121}, "at most 120"), ({"name": "No group"}, "Nobody is chosen yet")]
)
def test_mistakes_of_step_1_are_named(client_for, data, words):
    assert words in body(client_for("author").post(NEW, {"do": "next"} | data))
    assert not Mailing.objects.exists()


@pytest.mark.parametrize("value", ["x", "-1", "9" * 30, "0", "'; DROP TABLE"])
def test_group_ids_that_make_no_sense_are_refused(client_for, value):
    for data in ({"name": "A", "include": [value], "do": "next"}, {"pick": [value], "move": "include"}):
        assert client_for("author").post(NEW, data).status_code == 200
    assert not Mailing.objects.exists()


def test_continue_later_keeps_a_half_done_draft(client_for):
    client = client_for("author")
    assert client.post(NEW, {"name": "Later", "do": "later"})["Location"] == "/sms/mailings/drafts/"
    assert "Later" in body(client.get("/sms/mailings/drafts/"))


def test_a_second_editor_is_told(client_for):
    group = make_people(2)
    mailing = make_mailing(group)
    data = {"name": "Mine", "include": [group.pk], "version": mailing.version, "do": "next"}
    assert client_for("author").post(step(mailing, "recipients"), data).status_code == 302
    page = body(client_for("marketer").post(step(mailing, "recipients"), data | {"name": "Theirs"}))
    assert "somebody else was faster" in page and "Theirs" in page
    mailing.refresh_from_db()
    assert mailing.name == "Mine"


def test_hostile_group_and_mailing_names_stay_text(client_for):
    group = make_group(make_contact(), name="<img src=x onerror=alert(1)>")
    mailing = make_mailing(group, name="<script>alert(1)</script>")
    page = body(client_for("author").get(step(mailing, "recipients")))
    assert "<img src=x" not in page and "<script>alert" not in page


# --- step 2 ---


def content(mailing, **changes):
    return {"origin": f"{mailing.provider_id}:36111", "text": "Hello {contact.first_name}", "version": mailing.version, "do": "next", **changes}


def test_next_keeps_the_text_and_makes_the_plan(client_for):
    mailing = make_mailing(make_people(2), text="")
    response = client_for("author").post(step(mailing, "content"), content(mailing, text="Hi {contact.first_name}\r\nBye"))
    assert response["Location"] == step(mailing, "plan")
    mailing.refresh_from_db()
    assert (mailing.text, mailing.sender, mailing.status) == ("Hi {contact.first_name}\nBye", "36111", MailingStatus.PREPARING)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": ""}, "Write the text first"),
        ({"text": "{contact.frist_name}"}, "Did you mean"),
        ({"origin": ""}, "Choose who"),
        ({"origin": "9:9"}, "no longer in use"),
    ],
)
def test_mistakes_of_step_2_are_named(client_for, changes, words):
    mailing = make_mailing(make_people(1))
    response = client_for("author").post(step(mailing, "content"), content(mailing, **changes))
    assert response.status_code == 200 and words in body(response)
    mailing.refresh_from_db()
    assert mailing.version == 0


def test_without_groups_the_plan_is_refused_with_the_way_on(client_for):
    mailing = make_mailing()
    page = body(client_for("author").post(step(mailing, "content"), content(mailing)))
    assert "Nobody is chosen yet" in page


def test_later_and_back_keep_a_half_done_text(client_for):
    mailing, client = make_mailing(make_people(1)), client_for("author")
    assert client.post(step(mailing, "content"), content(mailing, text="Half", origin="", do="later"))["Location"] == "/sms/mailings/drafts/"
    mailing.refresh_from_db()
    assert mailing.text == "Half"
    assert client.post(step(mailing, "content"), content(mailing, text="Half too", origin="", do="back"))["Location"] == step(mailing, "recipients")


def test_changing_the_text_takes_a_ready_plan_back(client_for):
    mailing = make_ready(make_people(2))
    client_for("author").post(step(mailing, "content"), content(mailing, text="Other", do="later"))
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.DRAFT


def test_a_second_editor_of_the_text_is_told_and_keeps_the_words(client_for):
    mailing = make_mailing(make_people(1))
    client_for("author").post(step(mailing, "content"), content(mailing, do="later"))
    page = body(client_for("marketer").post(step(mailing, "content"), content(mailing, text="My words", do="later")))
    assert "somebody else was faster" in page and "My words</textarea>" in page


def test_only_marketers_choose_more_segments(client_for):
    mailing = make_mailing(make_people(1))
    assert 'name="max_segments"' not in body(client_for("author").get(step(mailing, "content")))
    assert 'name="max_segments"' in body(client_for("marketer").get(step(mailing, "content")))
    client_for("author").post(step(mailing, "content"), content(mailing, max_segments=3, do="later"))
    mailing.refresh_from_db()
    assert mailing.max_segments == 1
    client_for("marketer").post(step(mailing, "content"), content(mailing, max_segments=3, do="later"))
    mailing.refresh_from_db()
    assert mailing.max_segments == 3


def test_not_more_segments_than_the_provider_takes(client_for):
    mailing = make_mailing(make_people(1), provider=make_provider(max_segments=2))
    assert "takes 2 at most" in body(client_for("marketer").post(step(mailing, "content"), content(mailing, max_segments=4)))


def test_a_template_asks_before_it_replaces_a_text(client_for):
    mailing, template = make_mailing(make_people(1), text=""), make_template("Template text", name="Monthly")
    client = client_for("author")
    assert "Template text</textarea>" in body(client.post(step(mailing, "content"), content(mailing, text="", template=template.pk, do="template")))
    assert "Replace your text" in body(client.post(step(mailing, "content"), content(mailing, template=template.pk, do="template")))
    assert "Template text</textarea>" in body(client.post(step(mailing, "content"), content(mailing, template=template.pk, do="template-sure")))


def test_a_changed_draft_shows_no_old_figures(client_for):
    mailing, client = make_ready(make_people(2)), client_for("author")
    mailings.take_back(mailing, None)
    page = body(client.get(f"/sms/mailings/{mailing.pk}/"))
    assert "Nothing is prepared yet" in page and "dealt with" not in page


def test_the_preview_leaves_out_countries_that_the_provider_may_not_text(client_for):
    group = make_group(make_contact(fictional(1), first_name="Anis"), make_contact("+447700900142", first_name="Beth"))
    mailing = make_mailing(group, provider=make_provider(allowed_countries=["GB"]))
    html = body(client_for("author").get(step(mailing, "preview")))
    assert "Hello Beth" in html and "Hello Anis" not in html


def test_the_preview_goes_through_real_people(client_for):
    group = make_group(
        *(make_contact(fictional(n), first_name=name) for n, name in enumerate(("Anis", "Bea", "Chloé"))), make_contact(None, first_name="Nobody")
    )
    mailing, client = make_mailing(group), client_for("author")
    first, second, third = (member.contact_id for member in group.memberships.order_by("contact_id")[:3])
    assert "Hello Anis" in body(client.get(step(mailing, "preview")))
    assert "Hi Bea" in body(client.post(step(mailing, "preview"), {"text": "Hi {contact.first_name}", "after": first, "at": first}, headers=HTMX))
    assert "Hello Chloé" in body(client.get(step(mailing, "preview"), {"after": third}))
    assert "Hello Anis" in body(client.get(step(mailing, "preview"), {"before": second}))
    assert "Hello Chloé" in body(client.get(step(mailing, "preview"), {"who": "longest"}))
    assert client.get(step(mailing, "preview"), {"after": "x", "before": "9" * 40}).status_code == 200


def test_the_counter_of_a_mailing_takes_the_longest_name(client_for):
    mailing = make_mailing(make_group(make_contact(fictional(1), first_name="Al"), make_contact(fictional(2), first_name="Marie-Emmanuelle")))
    page = body(client_for("author").post("/sms/count/", {"mailing": mailing.pk, "text": "Hello {contact.first_name}"}))
    assert "22 of 160 characters" in page and "Marie-Emmanuelle" in page
    assert client_for("staff").post("/sms/count/", {"mailing": mailing.pk, "text": "x"}).status_code == 403


# --- step 3 ---


def launch(mailing, **changes):
    return {"version": mailing.version, "when": "now", "do": "launch", "sure": "1", **changes}


def test_the_plan_shows_its_numbers_and_the_people_left_out(client_for):
    group = make_group(make_contact(fictional(1)), make_contact(fictional(2), first_name=""), make_contact(None))
    page = body(client_for("marketer").get(step(make_ready(group, provider=make_provider(price_per_segment="0.07")), "plan")))
    assert "of 3 chosen" in page and "Send 2 texts" in page and "€0.14" in page
    assert "1 person has nothing for {contact.first_name}" in page and "reason=no_number" in page


def test_opening_the_plan_of_a_draft_offers_to_make_it_and_says_what_is_missing(client_for):
    client = client_for("author")
    assert "Make the plan" in body(client.get(step(make_mailing(make_people(1)), "plan")))
    assert "Include at least one group" in body(client.get(step(make_mailing(), "plan")))


def test_the_progress_of_the_preparation_reloads_the_page_when_it_is_over(client_for):
    mailing, client = mailings.prepare(make_mailing(make_people(2)), None), client_for("author")
    assert "The plan is being made" in body(client.get(step(mailing, "plan")))
    assert "HX-Refresh" not in client.get(f"{step(mailing, 'plan')}progress/")
    prepare(mailing.pk)
    assert client.get(f"{step(mailing, 'plan')}progress/")["HX-Refresh"] == "true"


def test_sending_asks_once_more_with_the_numbers(client_for):
    mailing, client = make_ready(make_people(2)), client_for("marketer")
    data = launch(mailing)
    del data["sure"]
    page = body(client.post(step(mailing, "plan"), data))
    assert "Send 2 texts now?" in page and "people get a text" in page
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY


def test_a_double_submit_launches_once(client_for):
    mailing, client = make_ready(make_people(2)), client_for("marketer")
    for _click in range(3):
        assert client.post(step(mailing, "plan"), launch(mailing))["Location"] == f"/sms/mailings/{mailing.pk}/"
    assert MailingEvent.objects.filter(mailing=mailing, status=MailingStatus.SENDING).count() == 1


def test_authors_see_who_may_launch_and_cannot(client_for, user_for):
    user_for("marketer", first_name="Claire", last_name="Fontaine")
    mailing, client = make_ready(make_people(1)), client_for("author")
    page = body(client.get(step(mailing, "plan")))
    assert "Claire Fontaine" in page and "Send 1 text" not in page
    client.post(step(mailing, "plan"), launch(mailing))
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY


def test_scheduling_keeps_the_time_of_the_persons_zone(client_for):
    mailing = make_ready(make_people(1))
    day = timezone.localdate() + timedelta(days=1)
    client_for("marketer", time_zone="Asia/Tokyo").post(step(mailing, "plan"), launch(mailing, when="at", day=day.isoformat(), hour="09:00"))
    mailing.refresh_from_db()
    assert (mailing.status, mailing.scheduled_at.strftime("%H:%M")) == (MailingStatus.SCHEDULED, "00:00")


@pytest.mark.parametrize(
    ("day", "hour", "words"),
    [("2020-01-01", "10:00", "is past"), ("", "10:00", "Say the date"), ("2099-13-45", "25:99", "valid"), ("2027-03-28", "02:30", "does not exist")],
)
def test_times_that_cannot_be_are_refused_in_words(client_for, day, hour, words):
    mailing = make_ready(make_people(1))
    response = client_for("marketer", time_zone="Europe/Paris").post(step(mailing, "plan"), launch(mailing, when="at", day=day, hour=hour))
    assert response.status_code == 200 and words in body(response)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY


def test_an_hour_that_comes_twice_is_told_before_it_is_scheduled(client_for):
    mailing = make_ready(make_people(1))
    data = launch(mailing, when="at", day="2027-10-31", hour="02:30")
    del data["sure"]
    assert "comes twice" in body(client_for("marketer", time_zone="Europe/Paris").post(step(mailing, "plan"), data))


def test_a_mistake_in_the_dialog_comes_back_into_the_page(client_for):
    mailing = make_ready(make_people(1))
    response = client_for("marketer").post(step(mailing, "plan"), launch(mailing, when="at", day="2020-01-01", hour="10:00"), headers=HTMX)
    assert response["HX-Retarget"] == "#main"


def test_a_plan_that_somebody_changed_is_not_launched(client_for):
    mailing = make_ready(make_people(1))
    seen = launch(mailing)
    mailings.save_content(mailing, by=None, version=mailing.version, provider=mailing.provider, sender="36111", texts=Texts("Other text"))
    mailings.prepare(mailing, None)
    prepare(mailing.pk)
    response = client_for("marketer").post(step(mailing, "plan"), seen, follow=True)
    assert "Somebody changed this mailing meanwhile" in body(response)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY


def test_nobody_to_text_is_a_blocker_in_words(client_for):
    page = body(client_for("marketer").get(step(make_ready(make_group(make_contact(None))), "plan")))
    assert "Nobody would get this text" in page and "disabled" in page


@pytest.mark.parametrize("name", ["recipients", "content", "plan"])
def test_a_launched_mailing_can_no_longer_be_changed(client_for, name):
    mailing = make_sending(make_people(1))
    assert client_for("author").get(step(mailing, name))["Location"] == f"/sms/mailings/{mailing.pk}/"
    assert client_for("author").post(step(mailing, name), {"do": "next", "name": "x", "version": 0})["Location"] == f"/sms/mailings/{mailing.pk}/"
