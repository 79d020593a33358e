"""Commands that look take the servers as they are: they start none, migrate none, and say which one does not answer."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from smsapp.services import embedded, word
from smsapp.services.embedded import CHECKOUT, EmbeddedError

MANAGE = (
    "import sys, pathlib; from smsapp.services import embedded, launch; "
    "embedded.CHECKOUT = pathlib.Path(sys.argv[1]); launch.launch(['manage.py', *sys.argv[2:]])"
)
OF_THE_TESTS = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PUBLIC_BASE_URL")


def manage(checkout, *arguments):
    """`manage.py …` as it would run in that checkout: exit code, all that it said."""
    env = {name: value for name, value in os.environ.items() if name not in OF_THE_TESTS}
    done = subprocess.run([sys.executable, "-c", MANAGE, str(checkout), *arguments], env=env, cwd=CHECKOUT, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def servers(checkout):
    joined = embedded.join(checkout, postgres=True, redis=True)
    yield joined
    joined.leave()


@contextmanager
def frozen(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def valkey(servers):
    return int((servers.place.home / "valkey" / "pid").read_text())


def postgres(servers):
    return int((servers.place.home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


SHOW = "from django.conf import settings; print(settings.PUBLIC_BASE_URL)"


def test_it_sees_the_address_of_the_run_that_is_up(checkout):
    environment = {"PATH": os.environ["PATH"], "SECRET_KEY": "x", "DATABASE_URL": "postgresql:///nowhere", "REDIS_URL": "redis://127.0.0.1:1/0"}
    script = f"import sys, pathlib; from smsapp.services import embedded, launch; embedded.CHECKOUT = pathlib.Path(sys.argv[1]); launch._execute = lambda argv: exec({SHOW!r}); launch.launch(['manage.py', 'doctor'])"

    def address(**more):
        done = subprocess.run([sys.executable, "-c", script, str(checkout)], env=environment | more, cwd=CHECKOUT, capture_output=True, text=True, timeout=60)
        return done.stdout.strip()

    with word.left(checkout, {"PUBLIC_BASE_URL": "http://127.0.0.1:8000"}):
        with word.left(checkout, {"PUBLIC_BASE_URL": "http://127.0.0.1:8001"}):  # a second one
            assert address() == "http://127.0.0.1:8000"
        assert address(PUBLIC_BASE_URL="https://sms.example.org") == "https://sms.example.org"
    assert address() == ""


@pytest.mark.parametrize("command", ["doctor", "check_figures"])
def test_without_servers_it_says_how_to_start_them_and_makes_nothing(checkout, command):
    assert manage(checkout, command) == (1, "The embedded servers are not running. Start them with python3 manage.py run.\n")
    assert list(checkout.iterdir()) == []


def test_missing_migrations_are_told_and_left(checkout, servers):
    for _time in range(2):
        code, said = manage(checkout, "doctor")
        assert code == 1
        assert "migrations are missing in the database." in said
        assert "Redis does not answer" not in said
    code, said = manage(checkout, "check_figures")
    assert code == 1
    assert "manage.py doctor says what is wrong" in said and "Traceback" not in said


def test_a_valkey_that_does_not_answer_is_told_and_gets_no_second_one(checkout, servers):
    before, pid = servers._state, valkey(servers)
    with frozen(pid):
        assert "Redis does not answer" in manage(checkout, "doctor")[1]
        with pytest.raises(EmbeddedError, match="Valkey runs, but does not answer"):
            embedded.join(checkout, postgres=True, redis=True)
        assert (servers._state, valkey(servers)) == (before, pid)
    assert "Redis does not answer" not in manage(checkout, "doctor")[1]


def test_a_postgresql_that_does_not_answer_is_told(checkout, servers):
    with frozen(postgres(servers)):
        code, said = manage(checkout, "doctor")
    assert code == 1
    assert "PostgreSQL does not answer" in said
