"""Keyset paging, over contacts and users."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.contrib.auth import get_user_model
from django.db.models import F, QuerySet, Value
from django.test import RequestFactory

from smsapp.common import listing

pytestmark = pytest.mark.django_db
User = get_user_model()
BEGIN = datetime(2026, 11, 1, 12, 0, 0, 123456, tzinfo=UTC)


def people(count: int = 7) -> QuerySet:
    """Two share a moment; some never logged in."""
    for index in range(count):
        User.objects.create(
            username=f"u{index}", last_name="abcdefg"[index // 2], last_login=None if index % 3 == 0 else BEGIN + timedelta(microseconds=index // 2)
        )
    return User.objects.all()


def walk(queryset: QuerySet, order: tuple[str, ...], size: int = 2, direction: str = "next") -> list[list[str]]:
    """Names on each page, following Next (or, from the last page, Previous)."""
    pages, address = [], "/?q=x"
    for _step in range(20):
        page = listing.paginate(queryset, RequestFactory().get(address), order=order, size=size)
        pages.append([user.username for user in page])
        link = page.next_url if direction == "next" else page.previous_url
        if not link:
            return pages
        assert parse_qs(link[1:])["q"] == ["x"]
        address = "/" + link
    raise AssertionError("no end")


@pytest.mark.parametrize(
    "order", [("id",), ("-id",), ("last_name", "id"), ("-last_name", "id"), ("last_name", "-id"), ("last_login", "id"), ("-last_login", "-id")]
)
def test_pages_together_are_the_whole_list_once(order: tuple[str, ...]) -> None:
    queryset = people()
    expected = [user.username for user in queryset.order_by(*order)]
    assert [name for page in walk(queryset, order) for name in page] == expected


@pytest.mark.parametrize("order", [("last_name", "id"), ("-last_login", "id"), ("last_login", "-id")])
def test_previous_shows_the_pages_of_next_again(order: tuple[str, ...]) -> None:
    queryset = people(8)
    forward = walk(queryset, order)
    request = RequestFactory().get("/")
    address = ""
    for _step in range(len(forward) - 1):
        address = listing.paginate(queryset, RequestFactory().get("/" + address), order=order, size=2).next_url
    back = []
    while address is not None:
        request = RequestFactory().get("/" + address)
        page = listing.paginate(queryset, request, order=order, size=2)
        back.append([user.username for user in page])
        address = page.previous_url or None
    assert back == forward[::-1]


def test_what_is_shown_is_named() -> None:
    page = listing.paginate(people(3), RequestFactory().get("/"), order=("id",), size=2, label=lambda user: user.username, total=3)
    assert (page.first, page.last, page.total, len(page), bool(page)) == ("u0", "u1", 3, 2, True)


def test_a_page_costs_one_query(django_assert_num_queries) -> None:
    queryset = people()
    with django_assert_num_queries(1):
        listing.paginate(queryset, RequestFactory().get("/"), order=("last_name", "id"), size=2)


@pytest.mark.parametrize("cursor", ["", "x", "!!!", "W10", "WyJhIl0", "bnVsbA", "eyJhIjogMX0", "WyJhIiwgImIiLCAiYyJd", "W1tdLCAxXQ", "WyJcdTAwMDAiLCAxXQ", "é"])
def test_an_address_that_makes_no_sense_shows_the_first_page(cursor: str) -> None:
    queryset = people()
    for name in ("after", "before"):
        page = listing.paginate(queryset, RequestFactory().get("/", {name: cursor}), order=("last_name", "id"), size=2)
        assert [user.username for user in page] == ["u0", "u1"]


def test_rows_that_are_gone_do_not_leave_an_empty_page() -> None:
    queryset = people(3)
    link = listing.paginate(queryset, RequestFactory().get("/"), order=("id",), size=2).next_url
    queryset.filter(username="u2").delete()
    page = listing.paginate(queryset, RequestFactory().get("/" + link), order=("id",), size=2)
    assert [user.username for user in page] == ["u0", "u1"]
    assert not page.previous_url


def test_works_on_dictionaries_too() -> None:
    page = listing.paginate(people(3).values("id", "username"), RequestFactory().get("/"), order=("id",), size=2, label=lambda row: row["username"])
    assert page.next_url
    assert page.last == "u1"


@pytest.mark.parametrize("depth", [2_000, 6_000])
def test_an_address_with_brackets_without_end_shows_the_first_page(depth: int) -> None:
    queryset = people()
    cursor = urlsafe_b64encode(b"[" * depth).decode()
    for name in (listing.AFTER, listing.BEFORE):
        page = listing.paginate(queryset, RequestFactory().get("/", {name: cursor}), order=("last_name", "id"), size=2)
        assert [user.username for user in page] == ["u0", "u1"]


def test_the_longest_names_of_any_script_have_a_next_page() -> None:
    for index in range(5):
        User.objects.create(username=f"u{index}", first_name="\U00020000" * 149 + "abcde"[index], last_name="\U00020000" * 150)
    assert walk(User.objects.all(), ("last_name", "first_name", "id")) == [["u0", "u1"], ["u2", "u3"], ["u4"]]


@pytest.mark.parametrize("order", [("-moment", "kind", "number"), ("name", "number"), ("-number", "-kind")])
@pytest.mark.parametrize("direction", ["next", "previous"])
def test_several_querysets_are_one_list(order: tuple[str, ...], direction: str, django_assert_num_queries: Any) -> None:
    people(9)
    parts = [
        rows.annotate(kind=Value(kind), number=F("id"), name=F("last_name"), moment=F("date_joined")).values("kind", "number", "name", "moment")
        for kind, rows in (("even", User.objects.filter(last_login=None)), ("odd", User.objects.exclude(last_login=None)))
    ]
    expected = list(listing.together(parts, order))
    address, seen = "/", []
    while address:
        with django_assert_num_queries(1):
            page = listing.paginate_together(parts, RequestFactory().get(address), order=order, size=2)
        seen += page.items
        address, before = "/" + page.next_url if page.next_url else "", page.previous_url
    assert seen == expected and len(seen) == 9
    if direction == "previous":
        assert listing.paginate_together(parts, RequestFactory().get("/" + before), order=order, size=2).items == expected[6:8]


def test_no_queryset_is_an_empty_list() -> None:
    assert not listing.paginate_together([], RequestFactory().get("/?after=WzFd"), order=("number",))
