"""Whatever a file holds: the dry run tells what the real run does, batches do not matter, and a repetition changes nothing."""

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, example, given, note, settings
from hypothesis import strategies as st

from contacts.importing import reader, run
from contacts.importing.options import Options
from contacts.importing.run import Import, Source
from contacts.models import ConsentEntry, Contact, CustomField, Membership, PhoneNumber
from contacts.services import consent, contacts
from contacts.tests.factories import add_number, make_contact

pytestmark = pytest.mark.django_db
HEAD = ["First name", "E-mail", "Mobile", "Phone", "External id", "Groups", "Tags", "Level", "Opted in", "Opted out", "Opt-in date", "Last name"]
NAMES = st.sampled_from(["", "Léa", "Tom", "-"])
EMAILS = st.sampled_from(["", "", "a@example.org", "A@example.org", "b@example.org", "c@example.org", "gone@example.org", "-"])
NUMBERS = st.sampled_from(["", "0639980001", "06 39 98 00 02", "+33639980003", "0465712210", "0639980009", "12", "-"])
KEYS = st.sampled_from(["", "", "A1", "B2", "C3", "LOSER", "GONE"])
ROW = st.tuples(
    NAMES, EMAILS, NUMBERS, NUMBERS, KEYS, st.sampled_from(["", "Choir", "choir|Friends"]), st.sampled_from(["", "x", "X|y", "-"]),
    st.sampled_from(["", "gold", "lead", "-"]), st.sampled_from(["", "", "yes", "no"]), st.sampled_from(["", "", "yes", "no"]), st.sampled_from(["", "", "2020-05-01"]), st.sampled_from(["", "Martin", "Martin", "Roy"]),
)  # fmt: skip
OPTIONS = st.builds(
    Options, region=st.just("FR"), file_name=st.just("people.csv"), tags=st.sampled_from([(), ("All",)]),
    match_by=st.sampled_from(["any", "any", "external_id", "email", "number"]), consent_source=st.sampled_from(["", "Fair"]), consent_wording=st.just("Yes, text me"),
)  # fmt: skip


@pytest.fixture
def world():
    """A few people: one twice merged, one deleted, some who opted out, by themselves or not."""
    CustomField.objects.create(key="level", label="Level", type="choice", choices=["Gold", "Silver"])
    one = make_contact("+33639980001", first_name="Léa", last_name="Martin", email="a@example.org", external_id="A1", custom={"level": "Silver"})
    add_number(one, "+33465712210", kind="landline")
    make_contact("+33639980002", first_name="Tom", last_name="Martin", email="b@example.org", opted_out=True)
    own = make_contact("+33639980003", first_name="Own", external_id="C3")
    consent.opt_out(own, source="reply", own_act=True)
    gone = make_contact("+33639980009", email="gone@example.org", external_id="GONE")
    consent.opt_out(gone, source="reply", own_act=True)
    contacts.delete(gone)
    loser = make_contact(None, external_id="LOSER", email="old@example.org")
    Contact.objects.filter(pk=loser.pk).update(deleted_at=loser.created_at, merged_into=one.pk)


def told(report) -> tuple:
    faults = [(fault.row, fault.column, fault.code) for fault in report.errors]
    return report.counts(), faults, sorted((fault.row, fault.code) for fault in report.warnings)


def stored() -> tuple:
    """Everything that an import writes, without what differs from run to run."""
    names = ("first_name", "email", "external_id", "opted_out", "tags", "custom", "sms_number", "reach", "deleted_at")
    return (
        [{**row, "custom": sorted(row["custom"].items())} for row in Contact.objects.order_by("id").values(*names)],
        list(PhoneNumber.objects.order_by("contact_id", "id").values_list("number", "kind", "is_primary", "textable")),
        sorted(Membership.objects.values_list("group__name", "contact__external_id", "contact__email")),
        sorted(ConsentEntry.objects.values_list("event", "scope", "own_act", "details")),
    )


class Rollback(Exception):
    pass


@pytest.mark.long
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=9), options=OPTIONS)
@example(rows=[["Léa", *[""] * (len(HEAD) - 1)]], options=Options("FR", "people.csv"))  # a first name is all that is known
def test_dry_run_batches_and_repeats(world, tmp_path, rows, options):
    check(tmp_path, rows, options)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.dictionaries(st.sampled_from(["A1", "B2", "C3", "D4", "E5"]), ROW, min_size=1), options=OPTIONS)
def test_cleared_fields_stay_cleared_when_the_import_is_repeated(world, tmp_path, rows, options):
    """One row a person: two rows of which one empties what the other fills would contradict each other each time."""
    owned = [[row[0], f"{key}@example.org" if row[1] != "-" else "-", f"06399810{n:02}", row[3] if row[3] == "-" else "", key, *row[5:]] for n, (key, row) in enumerate(rows.items())]
    check(tmp_path, owned, replace(options, empty_marker="-", match_by="external_id"))


def check(tmp_path, rows, options):
    """Dry and for real, in large batches and small ones, and once more. A file of empty rows alone is refused, see test_import."""
    assume(any(map(any, rows)))
    note(f"{rows}\n{options}")
    buffer = io.StringIO()
    csv.writer(buffer).writerows([HEAD, *rows])
    path = tmp_path / "people.csv"
    path.write_text(buffer.getvalue(), newline="")

    def once(*, dry_run=False):
        source = Source.guess(path, reader.recognise(path), options)
        return told(Import(source, today=date(2026, 11, 23), dry_run=dry_run).run())

    results = []
    for batch in (1_000, 2):
        try:
            with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
                patch.setattr(run, "BATCH", batch)
                before = stored()
                dry = once(dry_run=True)
                assert stored() == before
                real = once()
                assert dry == real
                after = stored()
                again = once()
                assert stored() == after, "the second run changed something"
                assert again[0]["created"] == again[0]["updated"] == 0, again
                results.append((real, after))
                raise Rollback
        except Rollback:
            pass
    assert results[0] == results[1]
