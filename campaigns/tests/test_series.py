"""A reply or an opt-out ends the series: what still waits of it for that person is skipped, and nobody else's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Mailing, Message, SeriesStop
from campaigns.pipeline.prepare import prepare
from campaigns.services import copies, mailings, quick_send
from campaigns.services.transitions import Outcome, move_messages
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready, make_sending, make_template
from campaigns.tests.receiving import ME, receive, work
from campaigns.tests.working import rows_equal_figures, told
from campaigns.tests.writing import content
from campaigns.texts import Texts
from contacts.models import Contact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]
REPLIED = (MessageStatus.SKIPPED, "replied")


@pytest.fixture
def provider():
    return make_provider()


@pytest.fixture
def people():
    return make_people(3)


def me():
    return Contact.objects.get(sms_number=ME)


def reminder(people, provider, series="Rehearsal", **changes):
    """A mailing that is scheduled for tomorrow."""
    mailing = make_ready(people, provider=provider, series=series, **changes)
    return mailings.confirm(mailing, None, timezone.now() + timedelta(days=1))


@pytest.mark.parametrize("text", ["See you there", "STOP", "HELP"])
def test_an_answer_skips_the_next_reminder_at_once(provider, people, gateway, text):
    make_sending(people, provider=provider, series="Rehearsal")
    work(provider)
    following, other = reminder(people, provider), reminder(people, provider, series="Newsletter")
    receive(provider, text)
    assert told(following)[me().pk] == REPLIED
    assert [status for status, _reason in told(following).values()].count(MessageStatus.OPEN) == 2
    assert told(other)[me().pk][0] == MessageStatus.OPEN
    assert rows_equal_figures(following)


def test_a_first_text_that_was_not_sent_is_not_answered(provider, people):
    following = reminder(people, provider)
    receive(provider, "Hello")
    assert told(following)[me().pk][0] == MessageStatus.OPEN
    assert not SeriesStop.objects.exists()


def test_what_a_worker_holds_is_skipped_at_the_claim(provider, people, gateway):
    make_sending(people, provider=provider, series="Rehearsal")
    work(provider)
    receive(provider, "Yes")
    SeriesStop.objects.update(at=timezone.now() + timedelta(seconds=5))  # as if it had come while the next one was queued
    following = make_sending(people, provider=provider, series="Rehearsal")
    assert told(following)[me().pk][0] == MessageStatus.OPEN
    work(provider)
    assert told(following)[me().pk] == REPLIED
    assert gateway.calls == {fictional(0): 2, ME: 1, fictional(2): 2}


def test_a_series_that_begins_anew_goes_to_everybody(provider, people, gateway):
    make_sending(people, provider=provider, series="Rehearsal")
    work(provider)
    receive(provider, "Yes")
    make_sending(people, provider=provider, series="Rehearsal")
    work(provider)
    assert gateway.calls[ME] == 2


def test_a_mailing_that_recalculates_leaves_out_who_has_answered(provider, people, gateway):
    make_sending(people, provider=provider, series="Rehearsal")
    work(provider)
    following = reminder(people, provider)
    receive(provider, "Yes")
    Mailing.objects.filter(pk=following.pk).update(status="preparing", prepared_up_to=0, scheduled_at=None)
    prepare(following.pk)
    assert me().pk not in told(following)


def test_one_off_texts_of_a_template_are_a_series_too(provider):
    template = make_template("Rehearsal tomorrow", series="Rehearsal")
    make_people(2)

    def text(key, at=None, number=ME):
        contact = Contact.objects.get(sms_number=number).pk
        return quick_send.queue(
            author=None, provider=provider, sender="36111", subject="Rehearsal", texts=Texts.of(template), recipients=[(contact, number)], key=key,
            template=template, at=at,
        )[0]  # fmt: skip

    tomorrow = timezone.now() + timedelta(days=1)
    first, mine, other = text("a"), text("b", tomorrow), text("c", tomorrow, fictional(0))
    move_messages([Outcome(first.pk, MessageStatus.SENT)])
    receive(provider, "Fine")
    mine.refresh_from_db()
    assert (mine.status, mine.reason) == REPLIED
    assert list(Message.objects.scheduled()) == [other]


def test_the_pages_have_the_field_and_say_why(provider, people, gateway, client_for):
    mailing = make_mailing(people, provider=provider)
    posted = content(mailing, series="  Spring   rehearsal ", do="later")
    assert client_for("author").post(f"/sms/mailings/{mailing.pk}/content/", posted).status_code == 302
    mailing.refresh_from_db()
    assert mailing.series == "Spring rehearsal"
    author = client_for("author")
    assert 'value="Spring rehearsal"' in author.get(f"/sms/mailings/{mailing.pk}/content/").content.decode()
    assert "Spring rehearsal" in author.get(f"/sms/mailings/{mailing.pk}/").content.decode()
    assert copies.copy(mailing, None).series == "Spring rehearsal"
    make_sending(people, provider=provider, series="Rehearsal")
    work(provider)
    following = reminder(people, provider)
    receive(provider, "Yes")
    message = Message.objects.get(mailing=following, number=ME)
    for page in (f"/sms/messages/{message.pk}/", f"/sms/mailings/{following.pk}/why/?contact={me().pk}"):
        assert "Has answered the series" in author.get(page).content.decode(), page


def test_a_template_shows_its_series(client_for):
    template = make_template("Rehearsal tomorrow", series="Rehearsal")
    assert "Rehearsal" in client_for("author").get(f"/sms/templates/{template.pk}/").content.decode()
    assert 'value="Rehearsal"' in client_for("author").get(f"/sms/templates/{template.pk}/edit/").content.decode()
