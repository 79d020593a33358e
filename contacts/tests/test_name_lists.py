"""Names joined in one cell come out of it as they went in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts import name_lists


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []), (" ; | ", []), ("Choir", ["Choir"]), ("Choir; Board |Staff", ["Choir", "Board", "Staff"]), ('"A;B"; C', ["A;B", "C"]),
        ('"A|B"', ["A|B"]), ('"say ""hi"";"|x', ['say "hi";', "x"]), ('Choir "A"; B', ['Choir "A"', "B"]), ('"A" and B; C', ['"A" and B', "C"]),
        ('"open; B', ['"open', "B"]), ('""', []), ("a,b", ["a,b"]),
    ],
)  # fmt: skip
def test_names_of_a_cell(text, names):
    assert name_lists.split(text) == names


@given(st.lists(st.text(alphabet='ab";|, ', min_size=1, max_size=6).map(str.strip).filter(bool) | st.text(min_size=1, max_size=9).map(str.strip).filter(bool)))
def test_what_is_joined_is_split_again(names):
    found = name_lists.split(name_lists.join(names))
    assert found == names and not any(map(name_lists.has_commas, found))
