"""Two windows on one draft: who saved, when and which parts is told to whoever comes second, and a plan that is made anew says why."""

import pytest

from campaigns.models import Campaign, Mailing
from campaigns.pipeline.prepare import prepare
from campaigns.services import changes, mailings
from campaigns.services.errors import CampaignError
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import make_mailing, make_people, make_provider, make_ready
from campaigns.tests.writing import body, content
from campaigns.texts import Texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(user_for):
    return user_for("author", first_name="Ana", last_name="Perrin")


def write(mailing, by, text="Another text", **changes_):
    row = Mailing.objects.get(pk=mailing.pk)
    settings = {"provider": row.provider, "sender": row.sender, "max_segments": row.max_segments, **changes_}
    return mailings.save_content(row, by=by, version=row.version, texts=Texts(text), **settings)


def test_a_save_names_the_parts_that_differ(ana):
    mailing, group, winter = make_mailing(make_people(1)), make_people(0), Campaign.objects.create(name="Winter")
    write(mailing, ana)
    write(mailing, ana, sender="", provider=make_provider(senders=[]), max_segments=2)
    row = Mailing.objects.get(pk=mailing.pk)
    mailings.save_recipients(row, by=ana, version=2, name="New name", include=[group])
    mailings.save_recipients(row, by=ana, version=3, name="New name", include=[group])
    mailings.save_recipients(row, by=ana, version=4, name="New name", include=[group], campaign=winter)
    parts = [change.parts for change in mailing.changes.order_by("version")]
    assert parts == [["text"], ["provider", "limit"], ["name", "recipients"], [], ["campaign"]]
    assert [change.version for change in mailing.changes.order_by("version")] == [1, 2, 3, 4, 5]


def test_the_second_one_learns_who_changed_what_and_when(ana, user_for, client_for):
    mailing = make_mailing(make_people(1))
    write(mailing, ana, sender="", provider=make_provider(senders=[]))
    page = body(client_for("marketer").post(f"/sms/mailings/{mailing.pk}/content/", content(mailing, text="Mine", do="later")))
    assert "Ana Perrin changed this meanwhile (Today" in page and "provider or sender, text." in page
    assert "Mine</textarea>" in page and Mailing.objects.get().text == "Another text"


def test_somebody_with_two_windows_is_not_told_of_somebody_else(ana, client_for):
    mailing = make_mailing(make_people(1))
    write(mailing, ana)
    page = body(client_for("author").post(f"/sms/mailings/{mailing.pk}/content/", content(mailing, text="Mine", do="later")))
    assert "You changed this in another window" in page and "Perrin changed" not in page


def test_each_who_saved_is_named_once(ana, user_for):
    mailing = make_mailing(make_people(1))
    write(mailing, ana, "One")
    write(mailing, user_for("marketer", first_name="Ben", last_name="Sassi"), "Two")
    write(mailing, ana, "Two")
    words = changes.told(mailing, 0, None)
    assert words.count("Ana Perrin") == words.count("Ben Sassi") == 1
    assert "Ana Perrin saved" in changes.told(mailing, 2, None), "nothing was different in that save"


def test_drafts_of_before_have_no_record_and_say_what_they_can():
    mailing = make_mailing(make_people(1), version=3)
    with pytest.raises(CampaignError, match="Somebody else saved this draft meanwhile"):
        mailings.save_recipients(mailing, by=None, version=2, name="x", include=[])


# --- the plan ---


@pytest.mark.parametrize("do", ["launch", "anew", "rest"])
def test_a_plan_in_an_old_window_does_nothing_but_say_what_changed(ana, client_for, do):
    mailing, client = make_ready(make_people(2)), client_for("marketer")
    url = f"/sms/mailings/{mailing.pk}/plan/"
    write(mailing, ana)
    answer = client.post(url, {"do": do, "version": 0, "when": "now"})
    assert answer["Location"] == f"{url}?seen=0"
    first = body(client.get(answer["Location"]))
    assert "Ana Perrin changed this meanwhile" in first and "The plan is made anew with it." in first and f'action="{url}?seen=0"' in first
    answer = client.post(f"{url}?seen=0", {"do": "prepare"})
    assert answer["Location"] == f"{url}?seen=0"
    prepare(mailing.pk)
    again = body(client.get(answer["Location"]))
    assert "Ana Perrin changed this meanwhile" in again and "The plan was made anew with it" in again
    assert Mailing.objects.get().status == MailingStatus.READY


def test_a_plan_that_somebody_discarded_is_not_made_anew_without_a_word(ana, client_for, user_for):
    mailing = make_ready(make_people(2))
    write(mailing, ana)
    url = f"/sms/mailings/{mailing.pk}/plan/"
    page = body(client_for("marketer").get(url))
    assert "Ana Perrin changed this meanwhile" in page and f'action="{url}?seen=0"' in page
    assert "Changed meanwhile" not in body(client_for("author").get(url)), "who changed it knows"


@pytest.mark.parametrize("seen", ["x", "-1", "99", "9" * 30, ""])
def test_an_address_with_nonsense_says_nothing(client_for, seen):
    mailing = make_ready(make_people(1))
    assert "Changed meanwhile" not in body(client_for("marketer").get(f"/sms/mailings/{mailing.pk}/plan/", {"seen": seen}))
