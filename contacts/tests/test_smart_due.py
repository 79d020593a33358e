"""Smart groups say when their members were looked for, and that it is to be done again once an import brought people."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from contacts.models import Activity, Group
from contacts.services import history, smart_groups
from contacts.smart import refresh
from contacts.tests.factories import make_contact
from contacts.tests.smart_groups import FRENCH, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    make_contact(language="fr")
    made = smart_groups.save(None, tree=FRENCH, name="French")
    refresh.refresh(made.pk)
    return made


def read(client, group):
    return client.get(reverse("contacts:group", args=[group.pk])).content.decode()


def load(tmp_path, *options):
    path = tmp_path / "people.csv"
    path.write_text("Nom,Langue,Identifiant\nBon,fr,B2\n")
    call_command("import_contacts", str(path), *options)


def test_a_page_says_of_when_the_members_are_and_never_that_they_are_up_to_date(client_for, group):
    page = read(client_for("viewer"), group)
    assert "Members as of <time" in page and "Up to date" not in page and "Due for a refresh" not in page


def test_an_import_makes_smart_groups_due_and_the_tick_brings_whom_it_made(client_for, tmp_path, group):
    load(tmp_path)
    page = read(client_for("viewer"), group)
    assert "Due for a refresh" in page and "Members as of" in page
    refresh.work_on_due()
    assert group.memberships.count() == 2
    assert "Due for a refresh" not in read(client_for("viewer"), group)


def test_a_trial_run_or_an_import_that_changes_nothing_makes_nobody_due(tmp_path, group):
    load(tmp_path, "--dry-run")
    load(tmp_path)
    refresh.work_on_due()
    load(tmp_path)
    assert Group.objects.get(pk=group.pk).state == State.FRESH


def test_a_text_that_left_since_makes_a_group_due_when_somebody_looks_at_it(client_for, group):
    ann = make_contact("+33639980002")
    texted = smart_groups.save(None, tree={"q": "texted", "test": "ever"}, name="Texted")
    refresh.refresh(texted.pk)
    history.record(ann, Activity.Kind.CHANGE, "edited")
    assert "Due for a refresh" not in read(client_for("viewer"), texted)
    history.record(ann, Activity.Kind.SMS_SENT, "Open evening")
    assert "Due for a refresh" in read(client_for("viewer"), texted) and "Due for a refresh" not in read(client_for("viewer"), group)
    refresh.work_on_due()
    assert texted.memberships.count() == 1 and "Due for a refresh" not in read(client_for("viewer"), texted)


def test_a_refresh_that_failed_goes_on_saying_so(tmp_path, group):
    Group.objects.update(state=State.FAILED)
    load(tmp_path)
    assert Group.objects.get(pk=group.pk).state == State.FAILED
