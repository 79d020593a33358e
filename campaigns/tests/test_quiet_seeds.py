"""The quiet hours that come with the console, and what later corrections of them leave alone."""

import importlib

import pytest
from django.apps import apps

from campaigns.models import QuietHours

pytestmark = pytest.mark.django_db
sown = importlib.import_module("campaigns.migrations.0027_seed_quiet_hours")
of_2026 = importlib.import_module("campaigns.migrations.0029_french_hours_of_2026")


def sow(**changes):
    QuietHours.objects.update_or_create(country="FR", defaults=sown.FRANCE | changes)


def test_france_ends_at_half_past_nine_since_2026_and_what_comes_along_fits_itself():
    sow()
    of_2026.correct(apps, None)
    row = QuietHours.objects.get(country="FR")
    row.full_clean()
    assert (row.monday, row.sunday, row.limit) == ("08:00–20:00", "", "08:00–21:30") and "Charte Business Messaging 2026" in row.note


@pytest.mark.parametrize("change", [{"saturday": ""}, {"limit": "08:00–22:30"}, {"note": "Ours"}])
def test_what_administrators_wrote_stays(change):
    sow(**change)
    of_2026.correct(apps, None)
    assert QuietHours.objects.filter(**sown.FRANCE | change).exists()
