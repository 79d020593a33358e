"""Names of countries."""

import pytest
from django.utils import translation
from phonenumbers import SUPPORTED_REGIONS

from smsapp.common import countries


@pytest.mark.parametrize(
    ("language", "region", "name"),
    [("en", "FR", "France"), ("en", "US", "United States"), ("fr", "US", "États-Unis"), ("fr", "GB", "Royaume-Uni"), ("fr", "TN", "Tunisie"), ("en", "XK", "Kosovo"), ("en", "??", "??"), ("de", "DE", "Deutschland")],
)
def test_names(language, region, name):
    with translation.override(language):
        assert countries.name_of(region) == name


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_country_with_phone_numbers_has_a_name(language):
    with translation.override(language):
        assert not [region for region in SUPPORTED_REGIONS if len(countries.name_of(region)) < 3]
        assert len(countries.choices()) == len(SUPPORTED_REGIONS)
