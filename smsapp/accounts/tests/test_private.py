"""Pages of somebody signed in are kept by no cache."""

from collections.abc import Callable

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/profile/", "/contacts/", "/nowhere/", "/admin/"])
def test_no_copy_is_kept(client_for: Callable[..., Client], path: str) -> None:
    assert "no-store" in client_for("administrator").get(path).headers["Cache-Control"]


def test_static_files_keep_their_own(client_for: Callable[..., Client]) -> None:
    assert "no-store" not in client_for("viewer").get("/static/css/console.css").headers.get("Cache-Control", "")
