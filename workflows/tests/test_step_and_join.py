"""And-join: everybody who came by its links; when it goes on is the engine's."""

import pytest

from workflows.steps import registry
from workflows.tests.working import performed

pytestmark = pytest.mark.django_db


def test_everybody_goes_on_once_and_mere_signs_stay_signs():
    assert performed("and_join", [1, 2], [2, 3]) == {"out": {1, 2, 3}}
    assert performed("and_join", [1, 2], None) == {"out": {1, 2}}
    assert performed("and_join", None, None) == {"out": None}


def test_it_waits_for_all_its_links():
    assert registry.kinds()["and_join"].waits_for_all
