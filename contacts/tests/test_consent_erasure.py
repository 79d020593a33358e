"""A person can be taken out of the consent ledger; what they decided stays, and nothing else can be changed."""

from pathlib import Path

import pytest
from auditlog.models import LogEntry
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from contacts.models import Activity, ConsentEntry, Contact
from contacts.services import consent, contacts
from contacts.services.consent_erasure import CLOSE, OPEN, pseudonymise
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db
NUMBER = "+33639980001"
SAID = ("id", "contact_id", "event", "scope", "source", "own_act", "at", "recorded_at", "author_id", "message")


@pytest.fixture
def ann(user_for):
    """Somebody who agreed on paper, and wrote STOP since."""
    ann = make_contact(NUMBER, first_name="Ann")
    consent.opt_in(ann, source="form", wording="Yes, text me. Ann", details="Open evening, page 3", author=user_for("staff"))
    consent.opt_out(ann, source="reply", own_act=True, wording="STOP, says Ann", details="Programme of May")
    return ann


def test_who_it_was_goes_and_what_was_said_stays(ann, user_for):
    before = list(ConsentEntry.objects.order_by("id").values(*SAID))
    assert pseudonymise(ann, author=user_for("administrator")) == 2
    after = list(ConsentEntry.objects.order_by("id"))
    assert list(ConsentEntry.objects.order_by("id").values(*SAID)) == before
    assert {(entry.wording, entry.details, entry.number) for entry in after} == {("", "", consent.pseudonym(NUMBER))}
    assert NUMBER[3:] not in after[0].number and len(after[0].number) == 16
    assert set(Activity.objects.filter(kind="consent").values_list("details", flat=True)) == {""}
    entry = LogEntry.objects.get_for_object(ann).filter(changes__has_key="consent pseudonymised").get()
    assert entry.actor.username == "administrator"


def test_a_second_call_changes_nothing(ann, user_for):
    pseudonymise(ann, author=user_for("administrator"))
    before = list(ConsentEntry.objects.order_by("id").values())
    assert pseudonymise(ann, author=user_for("administrator")) == 2
    assert list(ConsentEntry.objects.order_by("id").values()) == before


def test_an_own_opt_out_outlives_the_person(ann, user_for):
    pseudonymise(ann, author=user_for("administrator"))
    contacts.delete(ann)
    assert consent.own_opt_outs(numbers=[NUMBER, "+33639980002"]).numbers.keys() == {NUMBER}
    back = make_contact(NUMBER, first_name="Somebody")
    assert consent.own_opt_outs_of(back).keys() == {"marketing"}
    consent.opt_in(back, source="reply", wording="START", at=timezone.now(), seen=None)
    assert consent.own_opt_outs(numbers=[NUMBER]).numbers == {}


def test_people_who_were_merged_into_the_person_go_too_and_others_stay(ann, user_for):
    loser = make_contact("+33639980002", first_name="Anne")
    consent.opt_out(loser, own_act=True, wording="Anne's words")
    Contact.objects.filter(pk=loser.pk).update(merged_into=ann, deleted_at=timezone.now())
    consent.record(None, event="opt_out", source="reply", number=NUMBER, wording="from an unknown phone")
    son = make_contact(NUMBER, first_name="Ben")
    consent.opt_out(son, wording="Ben's words")
    assert pseudonymise(ann, author=user_for("administrator")) == 4
    assert list(ConsentEntry.objects.exclude(wording="").values_list("contact", "number", "wording")) == [(son.pk, NUMBER, "Ben's words")]


def test_the_door_is_shut_again_in_the_same_transaction(ann, user_for):
    pseudonymise(ann, author=user_for("administrator"))
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        ConsentEntry.objects.update(wording="", details="", number="")


@pytest.mark.parametrize(
    "change",
    [
        {"event": "opt_in"}, {"own_act": False}, {"at": timezone.now()}, {"scope": "all"}, {"contact_id": 1}, {"wording": "Yes"}, {"details": "Fair"},
        {"number": "+33639980009"}, {"number": "#123"}, {"source": "form"}, {"author_id": 1}, {"recorded_at": timezone.now()}, {"message": 5},
    ],
)  # fmt: skip
def test_even_the_open_door_lets_nothing_else_through(ann, change):
    last = ConsentEntry.objects.filter(source="reply")
    plain = {"wording": "", "details": "", "number": ""}
    with connection.cursor() as cursor:
        cursor.execute(OPEN)
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            last.update(**plain | change)
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            cursor.execute("DELETE FROM contacts_consententry")
        assert last.update(**plain) == 1
        cursor.execute(CLOSE)


def test_one_service_only_opens_the_door():
    root = Path(settings.BASE_DIR)
    naming = {
        str(path.relative_to(root))
        for app in ("contacts", "campaigns", "providers", "smsapp", "benchmarks")
        for path in (root / app).rglob("*.py")
        if "contacts.pseudonymising" in path.read_text()
    }
    assert naming - {"contacts/tests/test_consent_erasure.py"} == {"contacts/services/consent_erasure.py", "contacts/migrations/0016_forget_people_in_the_consent_ledger.py"}
