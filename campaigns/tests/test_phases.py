"""Where a campaign stands by its dates, in Python and in the database alike."""

from datetime import date

import pytest

from campaigns.models import Campaign
from campaigns.phases import Phase, phase_of

TODAY = date(2026, 5, 10)
BEFORE, AFTER = date(2026, 5, 9), date(2026, 5, 11)
CASES = [
    (None, None, Phase.UNDATED),
    (BEFORE, AFTER, Phase.RUNNING), (TODAY, TODAY, Phase.RUNNING), (BEFORE, None, Phase.RUNNING), (None, AFTER, Phase.RUNNING), (None, TODAY, Phase.RUNNING),
    (AFTER, None, Phase.COMING), (AFTER, AFTER, Phase.COMING),
    (None, BEFORE, Phase.OVER), (BEFORE, BEFORE, Phase.OVER),
]  # fmt: skip


@pytest.mark.parametrize(("starts_on", "ends_on", "phase"), CASES)
def test_dates_say_the_phase(starts_on, ends_on, phase):
    assert phase_of(starts_on, ends_on, TODAY) == phase


@pytest.mark.django_db
@pytest.mark.parametrize("phase", Phase)
def test_the_database_finds_the_same(phase):
    for n, (starts_on, ends_on, _phase) in enumerate(CASES):
        Campaign.objects.create(name=f"Campaign {n}", starts_on=starts_on, ends_on=ends_on)
    found = {(row.starts_on, row.ends_on) for row in Campaign.objects.in_phase(phase, TODAY)}
    assert found == {(starts_on, ends_on) for starts_on, ends_on, said in CASES if said == phase}


@pytest.mark.django_db
def test_campaigns_that_are_over_are_offered_last_and_archived_ones_where_they_are_chosen():
    Campaign.objects.create(name="Autumn", ends_on=BEFORE)
    Campaign.objects.create(name="Winter")
    kept = Campaign.objects.create(name="Old", archived=True)
    assert [row.name for row in Campaign.objects.offered(TODAY)] == ["Winter", "Autumn"]
    assert [row.name for row in Campaign.objects.offered(TODAY, also=kept.pk)] == ["Old", "Winter", "Autumn"]
