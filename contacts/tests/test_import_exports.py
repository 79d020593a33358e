"""What an export has written, an import reads back."""

import csv
import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import translation

from contacts.exporting import columns as exported
from contacts.importing import columns
from contacts.models import Group
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(tmp_path):
    """`load(rows, *options)` → what the command prints."""

    def run(rows: list[list[str]], *options: str) -> str:
        path = tmp_path / "people.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        out = StringIO()
        call_command("import_contacts", str(path), "--region", "FR", *options, stdout=out)
        return out.getvalue()

    return run


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_heads_of_an_export_are_known(language):
    with translation.override(language):
        heads = {column.key: str(column.heads[0]) for column in exported.offered()}
    mapping = {list(heads)[int(index)]: meaning for index, meaning in columns.guess(list(heads.values())).items()}
    left_out = {"textable", "why_not", "consent_since", "consent_from", "created_at"}
    assert mapping == {key: {"consent": "opted_in", "numbers": "phone"}.get(key, key) for key in heads if key not in left_out}


HEADS = {
    "en": ["Last name", "Mobile", "Opted out of marketing", "Why not", "Consent to marketing", "Consent from"],
    "fr": ["Nom", "Mobile", "Désinscrit du marketing", "Pourquoi pas", "Consentement aux SMS promotionnels", "Origine du consentement"],
}
ROWS = {
    "en": [["A", "+33639980001", "no", "", "Opt-in", "Reply"], ["B", "+33639980002", "yes", "Opted out", "Opt-out", "Reply"]],
    "fr": [["A", "+33639980001", "non", "", "Consentement", "Réponse"], ["B", "+33639980002", "oui", "Désinscrit", "Désinscription", "Réponse"]],
}


@pytest.mark.parametrize("language", HEADS)
def test_consent_is_read_back_without_alarm(load, language):
    report = json.loads(load([HEADS[language], *ROWS[language]], "--json"))
    assert (report["created"], report["refused"]) == (2, 0)
    assert [warning["code"] for warning in report["warnings"]] == ["no_consent_source"]


def test_reasons_alone_are_told(load):
    assert "could be texted" in load([["Last name", "Mobile", "Why not"], ["B", "+33639980002", "Opted out"]], "--dry-run")


def test_smart_groups_of_a_row_are_counted_once(load):
    Group.objects.create(name="Young", kind="smart", rules={})
    told = load([["Last name", "Mobile", "Groups"], *([f"P{n}", f"+3363998000{n}", "Young"] for n in range(1, 4))])
    assert "3 rows name the smart group “Young”; its rules choose its members." in told
    assert told.count("nobody joins it by an import") == 1 and "3 new" in told


def test_another_name_by_the_number_alone_is_told(load):
    make_contact("+33639980001", first_name="Léa", last_name="Martin")
    make_contact("+33639980002", first_name="Zoé", last_name="Roy")
    told = load([["First name", "Last name", "Mobile"], ["Jean", "Martin", "0639980001"], ["ZOE", "Roy", "0639980002"]], "--match-by", "number", "--dry-run")
    assert "1 row gives another name to the contact who has its number." in told
    assert "is called Léa Martin and gets the name of this row" in told
