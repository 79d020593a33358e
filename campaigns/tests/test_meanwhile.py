"""Two people write one draft: the second keeps their own words, sees what is kept now, and chooses between both."""

import pytest

from campaigns.models import Campaign, Mailing
from campaigns.services import mailings
from campaigns.tests.factories import make_mailing, make_people, make_provider
from campaigns.tests.writing import body, content
from campaigns.texts import Texts
from contacts.tests.factories import make_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(user_for):
    return user_for("author", first_name="Ana", last_name="Perrin")


@pytest.fixture
def mailing():
    return make_mailing(make_people(1), text="Rehearsal at 7", name="Rehearsal")


def write(mailing, by, text="Rehearsal at 8", **changes):
    row = Mailing.objects.get(pk=mailing.pk)
    settings = {"provider": row.provider, "sender": row.sender, "max_segments": row.max_segments, **changes}
    return mailings.save_content(row, by=by, version=row.version, texts=Texts(text), **settings)


def people(mailing, **changes):
    included = [str(pk) for pk in mailing.include_groups.values_list("pk", flat=True)]
    known = {"name": mailing.name, "version": mailing.version, "include": included, "campaign": "", "filed_under": mailing.campaign_id or ""}
    return {**known, "do": "next", **changes}


def url(mailing, step):
    return f"/sms/mailings/{mailing.pk}/{step}/"


# --- the text ---


def test_the_second_sees_both_texts_and_saves_theirs_by_going_on(mailing, ana, client_for):
    write(mailing, ana)
    client = client_for("marketer")
    page = body(client.post(url(mailing, "content"), content(mailing, text="Rehearsal at 9", do="later")))
    assert "Not kept yet" in page and "Ana Perrin changed this meanwhile" in page and "Rehearsal at 9</textarea>" in page
    assert "<del>" in page and "<ins>" in page and "leave mine" in page
    assert Mailing.objects.get().text == "Rehearsal at 8"
    assert 'name="version" value="1"' in page, "going on is a choice made with open eyes"
    assert client.post(url(mailing, "content"), content(mailing, text="Rehearsal at 9", do="later", version=1)).status_code == 302
    assert Mailing.objects.get().text == "Rehearsal at 9"


def test_a_third_who_saves_in_between_is_told_again(mailing, ana, user_for, client_for):
    client = client_for("marketer")
    write(mailing, ana)
    client.post(url(mailing, "content"), content(mailing, text="Mine", do="later"))
    write(mailing, user_for("administrator", first_name="Ben", last_name="Sassi"), "Rehearsal at 10")
    page = body(client.post(url(mailing, "content"), content(mailing, text="Mine", do="later", version=1)))
    assert "Ben Sassi changed this meanwhile" in page and "Ana Perrin" not in page
    assert Mailing.objects.get().text == "Rehearsal at 10"


def test_settings_that_read_otherwise_are_named(mailing, ana, client_for):
    write(mailing, ana, "Rehearsal at 7", provider=make_provider(name="Other gateway"), kind="service")
    page = body(client_for("marketer").post(url(mailing, "content"), content(mailing, text="Rehearsal at 7", do="later")))
    notice = page[page.index("Not kept yet") : page.index("leave mine")]
    assert "36111, Other gateway" in notice and "Service" in notice and "<ins>" not in notice


def test_what_another_step_changed_replaces_nothing_here(mailing, ana, client_for):
    mailings.save_recipients(mailing, by=ana, version=0, name="Rehearsal", include=[make_group()])
    page = body(client_for("marketer").post(url(mailing, "content"), content(mailing, text="Rehearsal at 7", do="later")))
    assert "Ana Perrin changed this meanwhile" in page and "Nothing on this page reads otherwise now" in page and "leave mine" not in page


# --- name and recipients ---


def test_the_second_sees_both_audiences_and_saves_theirs_by_going_on(mailing, ana, client_for):
    singers, choir = make_group(name="Singers"), make_group(name="Choir")
    mailings.save_recipients(mailing, by=ana, version=0, name="Moved", include=[singers])
    client = client_for("marketer")
    page = body(client.post(url(mailing, "recipients"), people(mailing, include=[str(choir.pk)], version=0, name="Rehearsal")))
    notice = page[page.index("Not kept yet") : page.index("leave mine")]
    assert "Singers" in notice and "Moved" in notice and "Excluded" not in notice
    assert 'value="Rehearsal"' in page and 'name="version" value="1"' in page
    assert client.post(url(mailing, "recipients"), people(mailing, include=[str(choir.pk)], version=1, name="Rehearsal")).status_code == 302
    row = Mailing.objects.get()
    assert row.name == "Rehearsal" and list(row.include_groups.all()) == [choir]


def test_a_campaign_that_only_the_first_changed_stays(mailing, ana, client_for):
    winter = Campaign.objects.create(name="Winter")
    mailings.save_recipients(mailing, by=ana, version=0, name="Rehearsal", include=list(mailing.include_groups.all()), campaign=winter)
    client = client_for("marketer")
    page = body(client.post(url(mailing, "recipients"), people(mailing, name="Mine")))
    assert f'<option value="{winter.pk}" selected>' in page and f'name="filed_under" value="{winter.pk}"' in page
    client.post(url(mailing, "recipients"), people(mailing, name="Mine", version=1, campaign=winter.pk, filed_under=winter.pk))
    assert Mailing.objects.get().campaign == winter


def test_a_new_campaign_is_made_once_and_only_when_it_is_kept(mailing, ana, client_for):
    mailings.save_recipients(mailing, by=ana, version=0, name="Moved", include=list(mailing.include_groups.all()))
    client = client_for("marketer")
    page = body(client.post(url(mailing, "recipients"), people(mailing, new_campaign="Spring")))
    assert not Campaign.objects.exists() and 'value="Spring"' in page
    client.post(url(mailing, "recipients"), people(mailing, new_campaign="Spring", version=1))
    assert Mailing.objects.get().campaign.name == "Spring"


def test_a_draft_that_was_launched_meanwhile_is_no_choice(mailing, ana, client_for):
    write(mailing, ana)
    Mailing.objects.update(status="sending")
    answer = client_for("marketer").post(url(mailing, "content"), content(mailing, text="Mine", do="later"))
    assert answer.status_code == 302 and answer["Location"] == f"/sms/mailings/{mailing.pk}/"
