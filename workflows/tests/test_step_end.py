"""End: nothing follows."""

import pytest

from workflows.steps import registry
from workflows.tests.working import performed

pytestmark = pytest.mark.django_db


def test_nobody_leaves_it():
    assert performed("end", [1, 2]) == {}
    assert registry.kinds()["end"].outs({}) == ()
