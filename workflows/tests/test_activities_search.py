"""The search pane of marketing activities, and addresses that make no sense."""


import pytest

from workflows.tests.activity_list import EVERYTHING, labels, make_all, make_recurring

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("searched", "found"),
    [
        ({"q": "BIRTHDAY"}, {"Birthday SMS", "Birthday SMS workflow"}),
        ({"kind": ["campaign", "workflow"]}, {"Spring season", "Birthday SMS workflow"}),
        ({"status": "editing"}, {"Open evening"}),
        ({"status": "going"}, {"Birthday SMS", "Birthday SMS workflow"}),
        ({"status": "done"}, {"Spring season"}),
        ({"status": "mailing:draft"}, {"Open evening"}),
        ({"status": "workflow:running"}, {"Birthday SMS", "Birthday SMS workflow"}),
        ({"status": "campaign:over"}, {"Spring season"}),
        ({"status": "error"}, set()),
        ({"status": "archived"}, set()),
        ({"since": "2026-05-31", "until": "2026-06-02"}, {"Spring season"}),
        ({"since": "2026-02-01", "until": "2026-02-10", "recurring": "on"}, {"Birthday SMS · February 2026"}),
        ({"until": "2001-01-01"}, set()),
        ({"q": "nothing like it"}, set()),
    ],
)
def test_the_search_pane_narrows(look, searched, found):
    make_all()
    page = look(**searched)
    assert set(labels(page)) == found
    assert found or ("No activity matches" in page and "Clear the search" in page)


def test_activities_are_found_by_id_and_campaign(look):
    made, _other = make_all(), make_recurring("Renewal")
    assert "Open evening" in labels(look(id=made["mailing"].pk))
    assert set(labels(look(campaign=made["campaign"].pk))) == EVERYTHING


def test_what_is_archived_stands_there_when_somebody_asks_for_it(look):
    made = make_all()
    for row in (made["campaign"], made["mailing"], made["workflow"]):
        type(row).objects.filter(pk=row.pk).update(archived=True)
    assert set(labels(look())) == {"Birthday SMS"}
    assert set(labels(look(status="archived"))) == {"Spring season", "Open evening", "Birthday SMS workflow"}


@pytest.mark.parametrize(
    ("searched", "sentence"),
    [
        ({"id": "x1"}, "An ID is a whole number"),
        ({"id": "9" * 30}, "There is no ID as large as this."),
        ({"id": "0"}, "Write at least 1."),
        ({"since": "soon"}, "Write it like 2026-04-17."),
        ({"since": "2026-05-02", "until": "2026-05-01"}, "This day is before the first one"),
        ({"status": "lost"}, "This is not among the choices"),
        ({"kind": "poem"}, "This is not among the choices"),
        ({"campaign": "99999"}, "This is not among the choices"),
        ({"q": "x" * 200}, "This is too long"),
    ],
)
def test_what_cannot_be_read_says_why_and_narrows_nothing(look, searched, sentence):
    make_all()
    page = look(**searched)
    assert sentence in page and set(labels(page)) >= {"Open evening"}


@pytest.mark.parametrize("searched", [{"sort": "magic"}, {"after": "bm9uc2Vuc2U"}, {"parent": "x"}, {"q": "a\0b"}, {"sort": "--at"}, {"workflow": "9" * 40}])
def test_a_senseless_address_shows_the_list(look, searched):
    make_all()
    look(**searched)
