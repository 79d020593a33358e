"""Fork: everybody on each way."""

import pytest

from workflows.steps import registry
from workflows.tests.working import performed

pytestmark = pytest.mark.django_db


def test_everybody_goes_each_way():
    assert performed("fork", [1, 2], ways=3) == {"way1": {1, 2}, "way2": {1, 2}, "way3": {1, 2}}
    assert performed("fork", None, ways=2) == {"way1": None, "way2": None}


@pytest.mark.parametrize("nonsense", [None, 1, 7, "many", True])
def test_nonsense_is_two_ways(nonsense):
    assert [out.name for out in registry.kinds()["fork"].outs({"ways": nonsense})] == ["way1", "way2"]
