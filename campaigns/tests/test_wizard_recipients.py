"""Step 1 of a mailing: who may, name and audience, kept by plain posts."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, Mailing
from campaigns.tests.factories import fictional, make_mailing, make_people, make_ready
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


def test_a_search_among_the_groups_asks_for_no_count(client_for):
    response = client_for("author").post(NEW, {"find": "staf", "move": "find"}, headers=HTMX)
    assert "picker-available" in body(response) and "HX-Trigger-After-Settle" not in response


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
    assert "it was changed meanwhile" in page and "Theirs" in page
    mailing.refresh_from_db()
    assert mailing.name == "Mine"


def test_hostile_group_and_mailing_names_stay_text(client_for):
    group = make_group(make_contact(), name="<img src=x onerror=alert(1)>")
    mailing = make_mailing(group, name="<script>alert(1)</script>")
    page = body(client_for("author").get(step(mailing, "recipients")))
    assert "<img src=x" not in page and "<script>alert" not in page


@pytest.mark.parametrize("box", ["pick", "in", "ex"])
def test_what_is_ticked_and_not_moved_stops_the_next_step(client_for, box):
    people, staff, client = make_people(2), make_group(name="Staff"), client_for("author")
    data = {"name": "Programme", "include": [people.pk], box: [staff.pk]}
    data |= {"in": {"include": [people.pk, staff.pk]}, "ex": {"exclude": [staff.pk]}}.get(box, {})
    page = body(client.post(NEW, data | {"do": "next"}))
    assert "Ticked, but not moved yet: “Staff”." in page and f'name="{box}" value="{staff.pk}" checked' in page
    assert not Mailing.objects.exists()
    client.post(NEW, data | {"do": "later"})
    assert Mailing.objects.get().name == "Programme"


def test_whoever_comes_back_to_the_empty_page_is_led_to_the_draft_of_just_now(client_for, user_for):
    client = client_for("author")
    assert "You have just begun" not in body(client.get(NEW))
    client.post(NEW, {"name": "Programme <b>", "include": [make_people(2).pk], "do": "next"})
    page, draft = body(client.get(NEW)), Mailing.objects.get()
    assert "You have just begun “Programme &lt;b&gt;”" in page and step(draft, "recipients") in page
    assert "You have just begun" not in body(client_for("marketer").get(NEW))
    Mailing.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert "You have just begun" not in body(client.get(NEW))
