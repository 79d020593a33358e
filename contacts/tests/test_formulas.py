"""What a spreadsheet would take for a formula goes out guarded and comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.formulas import FORMULA_STARTS, guard, unguard
from contacts.importing.cells import tidy


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("=1+1", "'=1+1"), ("+33639980001", "'+33639980001"), ("-5", "'-5"), ("@x", "'@x"), ("\tx", "'\tx"), ("\rx", "'\rx"), ("＝1", "'＝1"),
        ("'=1", "''=1"), ("''+1", "'''+1"), ("Léa", "Léa"), ("", ""), ("'t Hooft", "'t Hooft"), ("O'=", "O'="), ("1+1", "1+1"),
    ],
)  # fmt: skip
def test_only_what_looks_like_a_formula_is_guarded(text, guarded):
    assert guard(text) == guarded


@given(st.text(alphabet=st.sampled_from([*FORMULA_STARTS, "'", "a", " ", '"', ";"]), max_size=8) | st.text(max_size=20))
def test_nothing_changes_on_its_way_out_and_in(text):
    assert unguard(guard(text)) == text
    assert not guard(text).startswith(FORMULA_STARTS)


def test_the_import_takes_the_apostrophe_off():
    assert (tidy(" '=1+1 "), tidy("''=1"), tidy("'t Hooft")) == ("=1+1", "'=1", "'t Hooft")
