"""How providers do: counted with every move, summed up, and told; and the alarm when reports stop coming."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import lanes
from campaigns.models import LaneTally, Message
from campaigns.pipeline import deliver, sweep
from campaigns.services import lane_figures, lane_tallies, transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import make_message, make_people, make_provider, make_sending
from campaigns.tests.working import send_all
from providers.errors import Refused, Unknown

pytestmark = pytest.mark.django_db(transaction=True)
S = MessageStatus


def texts(provider, count, *statuses, **changes):
    """New texts that move through these statuses, the last ones by reports."""
    made = [make_message(provider, f"+3363998{n:04d}", **changes) for n in range(count)]
    for status in statuses:
        reported = status in (S.DELIVERED, S.UNDELIVERED)
        transitions.move_messages([Outcome(row.pk, status) for row in made], reported=reported)
    return made


def back(minutes, **which):
    LaneTally.objects.filter(**which).update(slot=timezone.now() - timedelta(minutes=minutes))


def figures(provider):
    return lane_figures.since(timezone.now() - timedelta(hours=1)).get(provider.pk)


def silent():
    return {silence.provider.name: (silence.texts, silence.last_report is not None) for silence in lane_figures.silences()}


@pytest.fixture(autouse=True)
def public(settings):
    settings.PUBLIC_BASE_URL = "https://sms.example.org"


def test_every_way_of_a_text_is_counted():
    provider = make_provider()
    texts(provider, 3, S.SENT, S.DELIVERED)
    texts(provider, 2, S.SENT, S.UNDELIVERED)
    texts(provider, 1, S.FAILED)
    texts(provider, 1, S.UNKNOWN)
    texts(provider, 1, S.UNKNOWN, S.DELIVERED)
    texts(provider, 1, S.SKIPPED)
    found = figures(provider)
    assert (found.accepted, found.refused, found.unknown, found.delivered, found.undelivered) == (6, 1, 2, 4, 2)
    assert found.delivered_share == 67


def test_workers_count_too(gateway, short_slices):
    provider = make_provider()
    send_all(make_sending(make_people(3), provider=provider), slices=2)
    for error in (Refused("No.", reason="refused"), Unknown("?", reason="no_answer")):
        gateway.error = error
        make_message(provider)
        deliver.run_slice(provider.pk, urgent_only=True)
    assert (figures(provider).accepted, figures(provider).refused, figures(provider).unknown) == (3, 1, 1)
    assert not sweep.sweep()


def test_late_truth_counts_once():
    provider = make_provider()
    texts(provider, 2, S.SENT, S.UNDELIVERED, S.DELIVERED)
    assert (figures(provider).delivered, figures(provider).undelivered, figures(provider).delivered_share) == (2, 0, 100)


def test_tests_are_counted_apart_and_say_nothing_of_a_silence():
    provider = make_provider()
    texts(provider, 2, S.SENT, S.UNDELIVERED)
    texts(provider, 20, S.SENT, kind=Message.Kind.TEST)
    texts(provider, 3, S.SENT, S.DELIVERED, kind=Message.Kind.TEST)
    found = figures(provider)
    assert (found.accepted, found.delivered, found.undelivered, found.delivered_share) == (2, 0, 2, 0)
    assert (found.tests.accepted, found.tests.delivered) == (23, 3)
    back(60)
    assert silent() == {}


def test_a_new_gateways_first_test_shows(client_for):
    """Whoever has just set a gateway up sends a test, and looks whether its report came."""
    provider = make_provider()
    assert "Test texts" not in client_for("administrator").get("/providers/").content.decode()
    (row,) = texts(provider, 1, S.SENT, kind=Message.Kind.TEST)
    page = client_for("administrator").get("/providers/").content.decode()
    assert "Test texts" in page
    assert "nothing heard yet" in page
    transitions.move_messages([Outcome(row.pk, S.DELIVERED)], reported=True)
    assert "1 delivered" in client_for("administrator").get("/providers/").content.decode()


def test_a_repeat_is_not_counted():
    provider = make_provider()
    (row,) = texts(provider, 1, S.SENT, S.DELIVERED)
    transitions.move_messages([Outcome(row.pk, S.DELIVERED)], reported=True)
    assert figures(provider).delivered == 1


def test_how_late_reports_come():
    provider = make_provider()
    rows = texts(provider, 4, S.SENT)
    for row, seconds in zip(rows, (4, 4, 50, 5_000), strict=True):
        Message.objects.filter(pk=row.pk).update(sent_at=timezone.now() - timedelta(seconds=seconds))
    transitions.move_messages([Outcome(row.pk, S.DELIVERED) for row in rows], reported=True)
    found = figures(provider)
    assert (found.seconds_until(0.5), found.seconds_until(0.75), found.seconds_until(1)) == (5, 60, 21_600)
    assert found.patience == timedelta(hours=12)


def test_a_fold_changes_no_sum_and_old_slots_go():
    provider = make_provider()
    for _each in range(5):
        texts(provider, 2, S.SENT)
    before = figures(provider).accepted
    back(20)
    lane_tallies.fold()
    assert (figures(provider).accepted, LaneTally.objects.count()) == (before, 1)
    texts(provider, 1, S.SENT)
    lane_tallies.fold()
    assert Counter(LaneTally.objects.values_list("folded", flat=True)) == {True: 1, False: 1}
    back(9 * 24 * 60)
    lane_tallies.fold()
    assert not LaneTally.objects.exists()


def test_silence_is_told_after_the_usual_time_only():
    provider = make_provider(name="Northline")
    texts(provider, 10, S.SENT)
    assert silent() == {}
    back(10)
    assert silent() == {}
    back(20)
    assert silent() == {"Northline": (10, False)}


def test_reports_that_came_before_do_not_hide_a_silence():
    provider = make_provider(name="Northline")
    texts(provider, 3, S.SENT, S.DELIVERED)
    back(120)
    texts(provider, 9, S.SENT)
    back(30, slot__gte=timezone.now() - timedelta(minutes=10))
    assert silent() == {}  # too few to say
    texts(provider, 1, S.SENT)
    back(30, slot__gte=timezone.now() - timedelta(minutes=10))
    assert silent() == {"Northline": (10, True)}
    make_late = texts(provider, 1, S.SENT, S.DELIVERED)
    assert make_late and silent() == {}


def test_a_gateway_that_is_always_late_is_waited_for_longer():
    provider = make_provider()
    rows = texts(provider, 5, S.SENT)
    Message.objects.update(sent_at=timezone.now() - timedelta(minutes=50))
    transitions.move_messages([Outcome(row.pk, S.DELIVERED) for row in rows], reported=True)
    back(300)
    texts(provider, 10, S.SENT)
    back(100, slot__gte=timezone.now() - timedelta(minutes=10))
    assert silent() == {}
    back(200, slot__gte=timezone.now() - timedelta(minutes=150))
    assert list(silent().values()) == [(10, True)]


def test_who_cannot_report_is_not_expected_to(settings):
    off, other = make_provider(), make_provider()
    texts(off, 10, S.SENT)
    texts(other, 10, S.SENT)
    back(30)
    type(off).objects.filter(pk=off.pk).update(active=False)
    assert set(silent()) == {other.name}
    settings.PUBLIC_BASE_URL = ""
    assert silent() == {}


def test_the_page_says_it_in_words(client_for):
    provider = make_provider(name="Northline")
    texts(provider, 12, S.SENT)
    texts(provider, 4, S.SENT, S.DELIVERED)
    page = client_for("staff").get("/providers/").content.decode()
    assert "100 %" in page.replace("\u202f", " ").replace("\xa0", " ")
    assert "No delivery report" not in page
    back(30)
    LaneTally.objects.filter(what__gte=LaneTally.REPORTS).delete()
    assert "It has taken 16 texts and reported on none." in client_for("staff").get("/providers/").content.decode()
    assert [str(row["label"]) for row in lanes.figures([provider.pk])[provider.pk]][2:] == ["Accepted", "Refused", "Delivered", "Time to report"]
