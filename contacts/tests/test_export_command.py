"""manage.py export_contacts: a file, or a sentence that says what cannot be."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from contacts.tests.factories import make_contact, make_group
from contacts.tests.test_exporting import read

pytestmark = pytest.mark.django_db


def command(path, *options):
    out = StringIO()
    call_command("export_contacts", str(path), *options, stdout=out)
    return out.getvalue()


def test_the_command_writes_a_file(tmp_path):
    ann = make_contact("+33639980001", first_name="Ann", last_name="Bell")
    make_contact("+33639980002", first_name="Bob", last_name="")
    make_group(ann, name="Choir")
    assert command(tmp_path / "all.csv") == f"2 contacts in {tmp_path / 'all.csv'}\n"
    one = command(tmp_path / "a.CSV", "--group", "Choir", "--columns", "mobile, first_name", "--separator", ";", "--language", "fr")
    assert one == f"1 contact in {tmp_path / 'a.CSV'}\n"
    assert read(tmp_path / "a.CSV", ";") == [["Mobile", "Prénom"], ["'+33639980001", "Ann"]]
    command(tmp_path / "a.xlsx", "--group", "Choir", "--columns", "first_name")
    assert read(tmp_path / "a.xlsx") == [["First name"], ["Ann"]]


@pytest.mark.parametrize(
    ("file", "options", "words"),
    [
        ("a.pdf", (), "ends in .csv or .xlsx"),
        ("a.csv", ("--group", "Nobody"), "no group “Nobody”"),
        ("a.csv", ("--columns", "first_name,secret"), "no column “secret”"),
        ("missing/a.csv", (), "cannot be written: No such file"),
        ("missing/a.xlsx", (), "cannot be written: No such file"),
    ],
)
def test_the_command_says_what_cannot_be(tmp_path, file, options, words):
    with pytest.raises(CommandError, match=words) as refused:
        command(tmp_path / file, *options)
    assert refused.value.returncode == 2 and list(tmp_path.iterdir()) == []
