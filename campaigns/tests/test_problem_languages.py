"""Why a mailing is in error, waits or is paused: each reader is told in their own language, whatever the worker's."""

import html

import pytest
from django.utils import translation

from campaigns.pipeline.prepare import prepare
from campaigns.services import mailings, recount
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import make_mailing, make_people, make_ready, make_sending
from contacts.models import Group
from contacts.services import smart_groups

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(client_for, user_for):
    """`read(mailing, language)` → the mailing's page in it."""
    client = client_for("marketer")
    type(user_for("marketer")).objects.update(language="")

    def page(mailing, language):
        answer = client.get(f"/sms/mailings/{mailing.pk}/", headers={"accept-language": language})
        return html.unescape(answer.content.decode()).replace("\xa0", " ").replace("\u202f", " ")

    return page


@pytest.mark.parametrize("worker", ["en", "fr"])
def test_a_preparation_that_failed(read, worker):
    group = smart_groups.save(None, tree={"q": "age", "test": "is", "value": 30}, name="Old")
    Group.objects.update(rules={"q": "age", "test": "is", "value": 300})
    mailing = mailings.prepare(make_mailing(group), None)
    with translation.override(worker):
        prepare(mailing.id)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.ERROR
    english, french = read(mailing, "en"), read(mailing, "fr")
    assert english.count("The smart group “Old” could not be refreshed. Rule 1: Age: Write a number from 0 to 150.") == 2  # as its state, and in its story
    assert "could not be refreshed" not in french and french.count("Règle 1 : Âge : Écrivez un nombre de 0 à 150.") == 2


@pytest.mark.parametrize("worker", ["en", "fr"])
def test_recipients_that_grew_too_much(read, worker):
    mailing = make_ready(make_people(2), recount=True)
    with translation.override(worker):
        why = recount._("The audience grew from %(before)s to %(now)s people since it was confirmed, more than a fifth. Look at the plan and send it again.")
        recount.transitions.move_mailing(mailing.pk, MailingStatus.DRAFT, problem=why % {"before": recount.Count(1000), "now": recount.Count(2000)})
    assert "The audience grew from 1,000 to 2,000 people" in read(mailing, "en")
    assert "1 000" in read(mailing, "fr") and "The audience grew" not in read(mailing, "fr")


def test_what_somebody_wrote_stays_as_it_is(read):
    mailing = mailings.pause(make_sending(make_people(1)), None, "100 % wrong %(text)s")
    assert "100 % wrong %(text)s" in read(mailing, "fr")
    mailings.resume(mailing, None)
    mailing.refresh_from_db()
    assert (mailing.problem, mailing.trouble) == ("", "")
