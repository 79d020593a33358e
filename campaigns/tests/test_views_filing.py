"""Filing mailings: from step 1, from the mailing's page, from the campaign's page; where the campaign is named with a link."""

import pytest

from campaigns.models import Campaign, Mailing
from campaigns.services import campaigns
from campaigns.services import filing as services
from campaigns.tests.factories import make_mailing, make_people, make_ready, make_sending
from campaigns.tests.writing import body
from contacts.tests.factories import make_group

pytestmark = pytest.mark.django_db
NEW = "/sms/mailings/new/"


def filing(mailing):
    return f"/sms/mailings/{mailing.pk}/campaign/"


def filed_under(mailing):
    return Mailing.objects.get(pk=mailing.pk).campaign


# --- step 1 ---


def test_a_new_mailing_in_a_campaign_begins_with_it_chosen(client_for):
    winter = campaigns.create("Winter")
    form = client_for("author").get(f"{NEW}?campaign={winter.pk}").context["form"]
    assert form["campaign"].value() == winter.pk


@pytest.mark.parametrize("value", ["x", "0", "999999999999999999999999", "-1", "%00"])
def test_a_campaign_that_does_not_exist_is_not_chosen(client_for, value):
    assert client_for("author").get(f"{NEW}?campaign={value}").status_code == 200


def test_a_campaign_is_made_in_step_1_together_with_the_mailing(client_for):
    data = {"name": "Gala", "new_campaign": "Winter", "include": [make_people(1).pk], "do": "next"}
    client_for("author").post(NEW, data)
    assert Mailing.objects.get().campaign.name == "Winter"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"new_campaign": "autumn"}, "There is a campaign “Autumn” already"), ({"new_campaign": "x" * 121}, "at most 120 characters"),
        ({"new_campaign": "a\0"}, "cannot be kept"), ({"new_campaign": "\u200b"}, "Give the campaign a name"), ({"name": ""}, "Give the SMS a name"),
    ],
)  # fmt: skip
def test_a_campaign_that_cannot_be_made_makes_no_mailing_and_loses_nothing(client_for, changes, sentence):
    campaigns.create("Autumn")
    group = make_people(1)
    page = client_for("author").post(NEW, {"name": "Gala", "new_campaign": "Winter", "include": [group.pk], "do": "next", **changes})
    assert sentence in body(page) and f'name="include" value="{group.pk}"' in body(page)
    assert (Mailing.objects.count(), Campaign.objects.count()) == (0, 1)


def test_a_chosen_and_a_new_campaign_are_one_too_many(client_for):
    autumn = campaigns.create("Autumn")
    page = client_for("author").post(NEW, {"name": "Gala", "new_campaign": "Winter", "campaign": autumn.pk, "include": [make_people(1).pk], "do": "next"})
    assert "A campaign is chosen already" in body(page) and not Mailing.objects.exists()


def test_a_draft_that_somebody_else_saved_makes_no_campaign(client_for):
    mailing = make_mailing(make_people(1), version=3)
    data = {"name": "Gala", "new_campaign": "Winter", "include": [mailing.include_groups.get().pk], "version": 2, "do": "next"}
    assert "Somebody else saved" in body(client_for("author").post(f"/sms/mailings/{mailing.pk}/recipients/", data))
    assert not Campaign.objects.exists()


def test_moving_groups_without_script_keeps_the_name_of_the_new_campaign(client_for):
    data = {"name": "Gala", "new_campaign": "Winter", "ticked": [make_group().pk], "move": "include"}
    assert 'value="Winter"' in body(client_for("author").post(NEW, data))


def test_a_draft_stays_in_its_archived_campaign_and_no_other_is_offered(client_for):
    winter, autumn = campaigns.create("Winter"), campaigns.create("Autumn")
    mailing = make_mailing(make_people(1), campaign=winter)
    for campaign in (winter, autumn):
        campaigns.archive(campaign)
    seen = body(client_for("author").get(f"/sms/mailings/{mailing.pk}/recipients/"))
    assert "Winter (archived)" in seen and "Autumn" not in seen
    assert "Winter" not in body(client_for("author").get(NEW))


def test_step_1_leaves_a_campaign_that_somebody_else_chose_meanwhile(client_for):
    winter, autumn, spring = (campaigns.create(name) for name in ("Winter", "Autumn", "Spring"))
    group = make_people(1)
    mailing = make_mailing(group, campaign=winter)
    client, url = client_for("author"), f"/sms/mailings/{mailing.pk}/recipients/"
    seen = client.get(url).context["form"].initial
    data = {"version": seen["version"], "filed_under": seen["filed_under"], "name": "Gala", "include": [group.pk], "do": "next"}
    services.file(mailing, autumn, None)
    client.post(url, data | {"campaign": winter.pk})
    assert (filed_under(mailing), Mailing.objects.get().name) == (autumn, "Gala")
    client.post(url, data | {"campaign": spring.pk, "version": seen["version"] + 1})
    assert filed_under(mailing) == spring


# --- one mailing ---


@pytest.mark.parametrize("make", [make_mailing, make_ready, make_sending])
def test_a_mailing_is_filed_elsewhere_from_its_page(client_for, make):
    winter, mailing = campaigns.create("Winter"), make(make_people(1))
    client = client_for("author")
    assert filing(mailing) in body(client.get(f"/sms/mailings/{mailing.pk}/"))
    answer = client.post(filing(mailing), {"campaign": winter.pk}, follow=True)
    assert filed_under(mailing) == winter and "is filed under “Winter”" in body(answer)
    client.post(filing(mailing), {"campaign": ""})
    assert filed_under(mailing) is None


def test_whoever_came_from_the_campaign_goes_back_there(client_for):
    winter = campaigns.create("Winter")
    mailing = make_mailing(campaign=winter)
    answer = client_for("author").post(f"{filing(mailing)}?from={winter.pk}", {"campaign": ""})
    assert answer["Location"] == f"/sms/campaigns/{winter.pk}/"


@pytest.mark.parametrize("value", ["x", "999999", "-1", "1\0"])
def test_nonsense_is_answered_in_a_sentence(client_for, value):
    answer = client_for("author").post(filing(make_mailing()), {"campaign": value})
    assert answer.status_code == 200 and "1 field needs a look" in body(answer)


def test_a_campaign_of_the_archive_is_not_among_the_choices(client_for):
    mailing, winter = make_mailing(), campaigns.archive(campaigns.create("Winter"))
    assert "not among the choices" in body(client_for("author").post(filing(mailing), {"campaign": winter.pk}))
    assert filed_under(mailing) is None


def test_somebody_whose_text_names_the_campaign_is_told_what_happens(client_for):
    ready = make_ready(make_people(1), text="Hello from {mailing.campaign|us}")
    assert "its plan is made anew" in body(client_for("author").get(filing(ready)))
    assert "its plan is made anew" not in body(client_for("author").get(filing(make_ready(make_people(1)))))


# --- several mailings ---


def test_several_mailings_are_filed_at_once(client_for):
    winter, autumn = campaigns.create("Winter"), campaigns.create("Autumn")
    one, two, there = make_mailing(name="One"), make_sending(make_people(1), name="Two"), make_mailing(name="There", campaign=autumn)
    client, url = client_for("author"), f"/sms/campaigns/{winter.pk}/mailings/"
    assert {row.name for row in client.get(url).context["page"]} == {"One", "Two"}
    assert {row.name for row in client.get(f"{url}?elsewhere=1&q=the").context["page"]} == {"There"}
    answer = client.post(url, {"mailing": [one.pk, two.pk, there.pk, "nonsense", 10**9]}, follow=True)
    assert "3 mailings are filed under “Winter”" in body(answer)
    assert {filed_under(mailing) for mailing in (one, two, there)} == {winter}


def test_nothing_ticked_is_told(client_for):
    assert "No mailing is ticked" in body(client_for("author").post(f"/sms/campaigns/{campaigns.create('Winter').pk}/mailings/", {}))


def test_nothing_is_filed_under_a_campaign_of_the_archive(client_for):
    winter, mailing = campaigns.archive(campaigns.create("Winter")), make_mailing()
    assert "is in the archive" in body(client_for("author").post(f"/sms/campaigns/{winter.pk}/mailings/", {"mailing": [mailing.pk]}))
    assert filed_under(mailing) is None
