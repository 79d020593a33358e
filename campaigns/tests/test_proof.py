"""The proof that figures are true finds each way in which they may not be, mends them, and is not disturbed by texts that move."""

import io
import json
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from campaigns.models import Chunk, MailingTally, Message, UnknownText
from campaigns.pipeline.finish import fold_tallies
from campaigns.services import figures, mailings, proof, unknowns
from campaigns.services.proof import What
from campaigns.statuses import ChunkState, MessageStatus
from campaigns.tests.factories import make_message, make_people, make_provider, make_ready, make_sending
from campaigns.tests.working import in_background, settle

pytestmark = pytest.mark.django_db
S = MessageStatus


@pytest.fixture
def mailing():
    found = make_sending(make_people(4))
    settle(found, S.SENT, S.UNKNOWN, S.FAILED)
    return found


def changed(sql, *values):
    """Behind the back of the one door."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def kinds():
    return {(each.what, each.status, each.counted, each.rows) for each in proof.differences()}


def test_what_went_through_the_one_door_is_true(mailing):
    make_ready(make_people(2))
    assert proof.differences() == []


def test_answers_and_repeats_are_true(mailing):
    unknowns.settle(list(UnknownText.objects.values_list("message_id", flat=True)), unknowns.Choice.AGAIN, None)
    mailings.cancel(mailing, None)
    assert proof.differences() == []


def test_a_row_that_moved_without_its_counter_is_found_and_mended(mailing):
    changed("UPDATE campaigns_message SET status = 11 WHERE mailing_id = %s AND status = 10", mailing.pk)
    assert {(What.COUNTER, "sent", 1, 0), (What.COUNTER, "delivered", 0, 1), (What.PAGE, "sent", 1, 0), (What.PAGE, "delivered", 0, 1)} == kinds()
    assert proof.mend() == 2
    assert proof.differences() == []
    assert (figures.of(mailing).sent, figures.of(mailing).delivered) == (0, 1)


def test_segments_alone_may_differ(mailing):
    MailingTally.objects.filter(mailing=mailing, status=S.SENT).update(segments=7)
    (found,) = proof.differences()
    assert (found.counted, found.rows, found.counted_segments, found.row_segments) == (1, 1, 7, 1)
    proof.mend()
    assert proof.differences() == []


def test_counters_without_rows_and_rows_without_counters(mailing):
    MailingTally.objects.filter(mailing=mailing).delete()
    assert len([each for each in proof.differences() if each.what is What.COUNTER]) == 4
    proof.mend()
    assert proof.differences() == []


def test_the_list_of_unknown_texts_is_held_against_the_rows(mailing):
    unknown = UnknownText.objects.get().message_id
    UnknownText.objects.all().delete()
    sent = Message.objects.get(status=S.SENT)
    UnknownText.objects.create(message=sent, mailing=mailing, since=sent.sent_at)
    UnknownText.objects.create(message_id=987654321, since=sent.sent_at)
    wrong = {(each.status, each.mailing) for each in proof.differences()}
    assert wrong == {("not listed", mailing.pk), ("listed for nothing", mailing.pk), ("listed for nothing", None)}
    proof.mend()
    assert (proof.differences(), UnknownText.objects.get().message_id) == ([], unknown)


def test_a_text_that_nobody_will_ever_send_is_found_and_left_alone(mailing):
    Chunk.objects.update(state=ChunkState.DONE)
    assert kinds() == {(What.STRANDED, "queued", 0, 1)}
    proof.mend()
    assert kinds() == {(What.STRANDED, "queued", 0, 1)}
    one_off = make_message(make_provider())
    Message.objects.filter(id=one_off.pk).update(chunk=None)
    assert None in {each.mailing for each in proof.differences()}


def test_only_the_mailings_that_were_asked_about(mailing):
    other = make_sending(make_people(1))
    changed("UPDATE campaigns_message SET status = 20 WHERE mailing_id = %s", other.pk)
    assert proof.differences([mailing.pk]) == []
    assert proof.mend([mailing.pk]) == 0
    assert {each.mailing for each in proof.differences([other.pk])} == {other.pk}


@pytest.mark.django_db(transaction=True)
def test_texts_that_move_meanwhile_are_no_difference_and_mending_breaks_nothing(gateway, short_slices):
    gateway.seconds = 0.002
    mailing = make_sending(make_people(300))
    worker = in_background(mailing.provider_id)
    folding = threading.Thread(target=lambda: ([fold_tallies() for _time in range(20)], connections.close_all()))
    folding.start()
    looks = 0
    while worker.is_alive():
        assert proof.differences() == []
        assert proof.mend() == 0
        looks += 1
    folding.join()
    assert looks > 1
    assert proof.differences() == []


def run(*options):
    out = io.StringIO()
    try:
        call_command("check_figures", *options, stdout=out)
    except (CommandError, SystemExit) as end:
        return out.getvalue(), getattr(end, "returncode", getattr(end, "code", 0))
    return out.getvalue(), 0


def test_the_command_says_it_in_words_and_by_its_exit_code(mailing):
    assert run() == ("All figures are true.\n", 0)
    changed("UPDATE campaigns_message SET status = 20 WHERE mailing_id = %s AND status = 10", mailing.pk)
    words, code = run("--mailing", str(mailing.pk))
    assert code == 1
    assert f"mailing {mailing.pk}, failed: the counters say 1, the rows are 2" in words
    assert "Nothing was changed. Mend counters and list with --mend." in words
    words, code = run("--mend")
    assert (code, "Mended: 2 lines were written." in words) == (1, True)
    assert run()[1] == 0


def test_the_command_speaks_json(mailing):
    words, code = run("--json")
    assert (json.loads(words), code) == ({"true": True, "mended": 0, "differences": []}, 0)
    Chunk.objects.update(state=ChunkState.DONE)
    words, code = run("--json")
    assert (json.loads(words)["differences"][0]["what"], code) == ("stranded", 1)
