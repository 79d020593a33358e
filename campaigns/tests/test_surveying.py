"""The plan of a large mailing, counted while it is prepared, says the same as one that is counted afterwards."""

from dataclasses import replace

import pytest
from django.utils import timezone

from campaigns.pipeline import planning, surveying
from campaigns.pipeline import prepare as stage
from campaigns.plans import Plan
from campaigns.services import mailings
from campaigns.tests.factories import fictional, make_mailing
from contacts.models import Activity
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db(transaction=True)
TEXTS = {"text": "Hello {contact.first_name}, {contact.email}", "translations": {"fr": "Bonjour {contact.last_name}, c’est à 18 h"}}


@pytest.fixture
def large(monkeypatch):
    """Every mailing is large, and a batch is two people."""
    monkeypatch.setattr(surveying, "LARGE", 1)
    monkeypatch.setattr(stage, "BATCH", 2)


def people():
    """Of two languages, some without a name or an address, one with a long name, one texted today."""
    found = [
        make_contact(fictional(index), first_name="Ana" * (index % 4), last_name="Bo" if index % 3 else "", language="fr" if index % 2 else "en")
        for index in range(9)
    ]
    Activity.objects.create(contact=found[4], kind=Activity.Kind.SMS_SENT, subject="Earlier", at=timezone.now())
    return [*found, make_contact(fictional(20), first_name="A" * 60, email=f"{'a' * 100}@example.org"), make_contact(None)]


def prepared(mailing):
    mailings.prepare(mailing, None)
    stage.prepare(mailing.pk)
    mailing.refresh_from_db()
    return Plan.read(mailing.plan)


def test_counted_beside_the_preparation_and_afterwards_is_the_same(large, monkeypatch):
    mailing = make_mailing(make_group(*people()), language="en", max_segments=3, **TEXTS)
    beside = prepared(mailing)
    afterwards = planning.make(mailing, mailing.provider)
    assert beside.recipients == 10
    assert beside.recent == 1
    assert replace(afterwards, made_at=beside.made_at) == beside


def test_what_was_prepared_before_a_crash_is_counted_too(large, monkeypatch):
    mailing = make_mailing(make_group(*people()), language="en", max_segments=3, **TEXTS)
    mailings.prepare(mailing, None)
    written, ordinary = [], stage._write

    def dies(*arguments):
        if len(written) == 2:
            raise stage.OperationalError("the worker dies")
        written.append(1)
        return ordinary(*arguments)

    monkeypatch.setattr(stage, "_write", dies)
    with pytest.raises(stage.OperationalError):
        stage.prepare(mailing.pk)
    monkeypatch.setattr(stage, "_write", ordinary)
    stage.prepare(mailing.pk)
    mailing.refresh_from_db()
    plan = Plan.read(mailing.plan)
    assert plan.recipients == 10
    assert replace(planning.make(mailing, mailing.provider), made_at=plan.made_at) == plan
