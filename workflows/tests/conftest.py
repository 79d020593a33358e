"""A gateway that only counts, and a clock that a test moves, as mailings' own tests have them; the list of activities, a text to fill in."""

import pytest

from campaigns.services import made
from campaigns.tests.conftest import clock, gateway, short_slices
from campaigns.tests.factories import make_provider
from workflows.tests.activity_list import LIST

__all__ = ["clock", "gateway", "short_slices"]


@pytest.fixture
def look(client_for):
    """`look(**searched)`: the page as a viewer has it."""

    def get(role="viewer", **searched):
        answer = client_for(role).get(LIST, searched)
        assert answer.status_code == 200
        return answer.content.decode()

    return get


@pytest.fixture
def content(user_for):
    """A text of a workflow, still empty."""
    make_provider(max_segments=3)
    return made.keep_content("Reminder", user_for("marketer"))
