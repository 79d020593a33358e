"""The gateway that only counts, and short slices, as in the tests of what workers do; a checkout of one's own."""

import shutil

import pytest

from campaigns.tests.conftest import gateway, short_slices  # noqa: F401
from smsapp.services import places


@pytest.fixture
def checkout(tmp_path):
    """A folder that plays a checkout of its own; as root its servers live outside, and go with the test."""
    yield tmp_path
    home = places.Place(tmp_path).where
    if home.exists():
        shutil.rmtree(home)
