"""Where the servers of a checkout live as root: a place of its own, kept in a pointer, never that of another checkout at the same path."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from smsapp.services import places


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder that plays a checkout of root."""
    monkeypatch.setattr(places, "STATE_FOLDER", tmp_path / "state")
    monkeypatch.setattr(places.Place, "unprivileged", places.Person(65534, 65534))
    return tmp_path / "checkout"


def test_whoever_only_looks_makes_nothing(checkout):
    assert not places.Place(checkout).where.exists() and not checkout.exists()


def test_a_checkout_finds_its_servers_again(checkout):
    home = places.Place(checkout).home
    assert home.parent == places.STATE_FOLDER and home.is_dir() and (checkout / "var/servers-are-in").read_text() == f"{home}\n"
    assert places.Place(checkout).home == places.Place(checkout).where == home
    assert [path.name for path in (checkout / "var").iterdir()] == ["servers-are-in"]


def test_a_new_checkout_at_the_path_of_a_removed_one_inherits_nothing(checkout):
    home = places.Place(checkout).home
    shutil.rmtree(checkout)
    assert places.Place(checkout).home != home


def test_an_older_checkout_keeps_the_place_that_its_pointer_names(checkout):
    old = places.STATE_FOLDER / "smsconsole-0123456789ab"
    (checkout / "var").mkdir(parents=True)
    (checkout / "var/servers-are-in").write_text(f"{old}\n")
    assert places.Place(checkout).home == old and old.is_dir()


def test_processes_that_start_together_agree(checkout):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _n: places.Place(checkout).home, range(8)))) == 1


def test_a_pointer_that_names_nothing_is_told(checkout):
    (checkout / "var").mkdir(parents=True)
    (checkout / "var/servers-are-in").write_text("\n")
    with pytest.raises(places.EmbeddedError, match="names no folder"):
        _home = places.Place(checkout).home
