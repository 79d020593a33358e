"""Commas in a cell of groups: they separate, unless a group has the whole as its name; the trial run says which."""

import csv
import json
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from contacts.importing import jobs
from contacts.models import Contact, Group, ImportJob
from contacts.services import imports, smart_groups
from contacts.tests.factories import make_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(tmp_path):
    """`load("cell", …)`: a file with these cells of groups; the report of a real run, which a trial run foretold."""

    def run(*cells: str) -> dict:
        path, reports = tmp_path / "people.csv", []
        with path.open("w") as file:
            csv.writer(file, delimiter="\t").writerows([["External id", "Groups"], *([f"P{number}", cell] for number, cell in enumerate(cells))])
        for options in (["--dry-run"], []):
            out = StringIO()
            call_command("import_contacts", str(path), "--json", *options, stdout=out)
            reports.append(json.loads(out.getvalue()))
        assert reports[0]["warnings"] == reports[1]["warnings"] and reports[0]["errors"] == reports[1]["errors"]
        return reports[1]

    return run


def told(report: dict) -> list[str]:
    return [warning["message"] for warning in report["warnings"] if warning["code"] == "comma_in_groups"]


def groups_of(external_id: str) -> set[str]:
    return {membership.group.name for membership in Contact.objects.get(external_id=external_id).memberships.select_related("group")}


def test_commas_separate_groups_and_the_trial_run_says_so_once(load):
    make_group(name="Choir")
    report = load("Choir, Board", "choir, board", "Choir,", " , ")
    assert groups_of("P0") == groups_of("P1") == {"Choir", "Board"} and groups_of("P2") == {"Choir"} and groups_of("P3") == set()
    assert [words.split(". ")[0] for words in told(report)] == ["Commas separate groups here: Choir; Board", "Commas separate groups here: Choir"]
    assert set(Group.objects.values_list("name", flat=True)) == {"Choir", "Board"}


def test_a_group_that_has_the_whole_as_its_name_is_meant(load):
    make_group(name="Lyon, Paris")
    assert told(load("lyon, paris; Choir, Board")) == [
        "One group: there is a group of this name, with its comma.",
        "Commas separate groups here: Choir; Board. No group has the whole as its name; a new one with a comma goes into quotation marks.",
    ]
    assert groups_of("P0") == {"Lyon, Paris", "Choir", "Board"}


def test_a_smart_group_of_the_whole_name_is_meant_too(load):
    smart_groups.save(None, tree={"q": "language", "test": "is", "value": ["fr"]}, name="French, young")
    report = load("French, young")
    assert groups_of("P0") == set() and Group.objects.count() == 1
    assert "smart_group" in {warning["code"] for warning in report["warnings"]}


def test_quotation_marks_keep_a_comma(load):
    report = load('"Choir, Board"; Friends')
    assert groups_of("P0") == {"Choir, Board", "Friends"} and told(report) == []


def test_many_names_may_be_longer_together_than_one_is(load):
    names = [f"Group number {number} of many" for number in range(9)]
    assert load(", ".join(names))["refused"] == 0
    assert groups_of("P0") == set(names)
    assert "Use at most 100" in load("x" * 101)["errors"][0]["message"]


def test_a_cell_shows_all_that_is_said_of_it_and_rows_stand_in_their_order(client_for, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client, text = client_for("author"), "Nom,Groupes,Identifiant\nRoy,,A1\nRoy,,A1\nBon,\"Choir, Board\",B2\n"
    client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("people.csv", text.encode())})
    job = ImportJob.objects.get()
    imports.check(job, mapping=job.mapping, region="FR")
    jobs.work(job.pk)
    page = client.get(reverse("contacts:import", args=[job.pk]), {"show": "warnings"})
    assert [line["row"] for line in page.context["sheet"]] == [1, 3, 4]
    cell = page.context["sheet"][-1]["cells"][1]
    assert cell["text"] == "Choir, Board" and len(cell["why"]) == 3
    assert "Commas separate groups here: Choir; Board." in page.content.decode()


@pytest.mark.parametrize(("cells", "words"), [(["Choir", "Quire"], "1 group that rows name is new"), (["Quire; Quorum", "quire"], "2 groups that rows name are new")])
def test_how_many_groups_an_import_makes_is_said_at_once(tmp_path, cells, words):
    make_group(name="Choir")
    path, out = tmp_path / "people.csv", StringIO()
    path.write_text("External id,Groups\n" + "".join(f"P{number},{cell}\n" for number, cell in enumerate(cells)))
    call_command("import_contacts", str(path), "--dry-run", stdout=out)
    assert words in out.getvalue()


def test_each_new_group_of_a_cell_is_named(load):
    warnings = [warning["message"] for warning in load("Quire | Quorum")["warnings"] if warning["code"] == "new_group"]
    assert warnings == [f"There is no group “{name}” yet. The import makes it." for name in ("Quire", "Quorum")]
