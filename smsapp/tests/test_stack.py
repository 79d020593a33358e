"""The embedded servers and the local stack: start, share, stop, come back, leave nothing behind."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import psycopg
import pytest
import redis

from contacts.smart.addresses import LONGEST_READ
from smsapp.services import embedded, local, places
from smsapp.services.embedded import CHECKOUT
from smsapp.services.nurse import Nurse
from smsapp.services.procs import Spec, Stack
from smsapp.testing import processes


def join(checkout):
    return embedded.join(checkout, postgres=True, redis=True)


def answers(servers):
    try:
        with psycopg.connect(servers.database_url(), connect_timeout=2) as connection:
            connection.execute("SELECT 1")
        return bool(redis.Redis.from_url(servers.redis_url, socket_timeout=2).ping())
    except (psycopg.OperationalError, redis.RedisError):
        return False


def modes_above(path):
    return {str(folder): stat.S_IMODE(folder.stat().st_mode) for folder in path.parents}


def test_the_last_user_stops_the_servers(checkout):
    first = join(checkout)
    second = join(checkout)
    first.leave()
    assert answers(second)
    second.leave()
    assert not answers(second)


def test_data_survive_a_restart(checkout):
    servers = join(checkout)
    with psycopg.connect(servers.database_url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'é'::text AS letter")
    servers.leave()
    servers = join(checkout)
    with psycopg.connect(servers.database_url()) as connection:
        assert connection.execute("SELECT upper(letter) FROM kept").fetchone() == ("É",)
        settings = {name: connection.execute(f"SHOW {name}").fetchone()[0] for name in ("fsync", "synchronous_commit", "listen_addresses", "server_encoding")}
    servers.leave()
    assert settings == {"fsync": "on", "synchronous_commit": "on", "listen_addresses": "", "server_encoding": "UTF8"}


def test_a_user_that_was_killed_is_not_counted(checkout):
    script = "import sys, pathlib; from smsapp.services import embedded; embedded.join(pathlib.Path(sys.argv[1]), postgres=True, redis=True); print('in', flush=True); sys.stdin.read()"
    other = subprocess.Popen([sys.executable, "-c", script, str(checkout)], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "in\n"
    servers = join(checkout)
    other.kill()
    other.communicate()
    assert answers(servers)
    servers.leave()
    assert not answers(servers)


@pytest.mark.parametrize(("name", "folder", "pid_file"), [("PostgreSQL", "postgres/data", "postmaster.pid"), ("Valkey", "valkey", "pid")])
def test_a_server_that_died_is_started_again_where_others_know_it_and_that_is_said(checkout, name, folder, pid_file):
    servers, said = join(checkout), []
    nurse = Nurse(servers, said.append)
    try:
        before = servers.environment()
        nurse()
        assert said == []
        pid = int((servers.place.home / folder / pid_file).read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: not answers(servers))
        assert wait_until(lambda: setattr(nurse, "due", 0.0) or nurse() or answers(servers))
        assert said[-1] == f"The embedded {name} had died; it was started again."
        assert servers.environment() == before
    finally:
        servers.leave()
    assert not answers(servers)


def test_a_server_that_does_not_come_back_is_tried_ever_less_often(checkout, monkeypatch):
    servers, said = embedded.of(checkout, postgres=True, redis=False), []
    monkeypatch.setattr(places, "find_spec", lambda package: None)
    nurse = Nurse(servers, said.append)
    for pause in (4, 8, 16, 30, 30):
        nurse.due = 0.0
        nurse()
        assert f"it is tried again in {pause} s. There is no embedded PostgreSQL" in said[-1]


def test_no_permission_outside_is_changed(checkout):
    before = modes_above(checkout / "var") | modes_above(places.STATE_FOLDER / "x")
    servers = join(checkout)
    place = servers.place
    servers.leave()
    assert modes_above(checkout / "var") | modes_above(places.STATE_FOLDER / "x") == before
    assert stat.S_IMODE(place.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE((place.home / "valkey.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((place.home / "postgres" / "data").stat().st_mode) == 0o700


def test_valkey_asks_for_its_password(checkout):
    servers = join(checkout)
    try:
        stranger = redis.Redis(port=servers._state["port"], socket_timeout=2, retry=None)
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()
    finally:
        servers.leave()


def test_a_deep_checkout_gets_short_sockets(checkout, monkeypatch):
    monkeypatch.setattr(places.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(places, "make_private", lambda path, mode=0o700: path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1000")
    monkeypatch.setattr(places.Path, "lstat", lambda self: os.stat_result((0o40700, 0, 0, 0, 1000, 0, 0, 0, 0, 0)))
    deep = places.Place(checkout / ("d" * 60) / ("e" * 60))
    assert len(os.fsencode(deep.sockets / ".s.PGSQL.5432.lock")) <= 107
    assert deep.sockets != places.Place(checkout / ("d" * 60) / ("f" * 60)).sockets


def test_a_platform_without_binaries_is_said_in_words(checkout, monkeypatch):
    monkeypatch.setattr(places, "find_spec", lambda package: None)
    with pytest.raises(embedded.EmbeddedError, match="DATABASE_URL"):
        join(checkout)


def test_a_taken_port_gives_the_next_one(free_port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port))
        taken.listen()
        assert local.free_port("127.0.0.1", free_port) > free_port


def test_what_the_user_set_stays():
    env = local.environment({"PUBLIC_BASE_URL": "https://sms.example.org"}, host="127.0.0.1", port=8501, simulator_port=8591, smpp_port=2791)
    assert env["PUBLIC_BASE_URL"] == "https://sms.example.org"
    assert env["SIMULATOR_URL"] == "http://127.0.0.1:8591"


def test_the_longest_search_fits_into_an_address_that_the_web_server_takes():
    longest = urlencode({"rules": "x" * LONGEST_READ, "name": "😀" * 100, "description": "😀" * 300})
    assert len(f"GET /contacts/groups/1234567890/rules/?{longest}&after={'x' * 200} HTTP/1.1") < local.LONGEST_ADDRESS
    web = next(spec for spec in local.specs(host="127.0.0.1", port=8000, simulator_port=8090, smpp_port=2775, checkout=Path("/srv")) if spec.name == "web")
    option = f"--limit-request-line {local.LONGEST_ADDRESS}"
    assert option in " ".join(web.command)
    assert option in (CHECKOUT / "docs" / "deploying.md").read_text()


class Screen:
    """Stands in for the terminal."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass

    def isatty(self):
        return False


def test_a_process_that_dies_comes_back_with_its_last_lines_said(tmp_path):
    screen = Screen()
    stack = Stack([Spec("brief", [sys.executable, "-c", "print('my last words')"])], env={}, cwd=tmp_path, out=screen)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        stack.run(ready=lambda: screen.text.count("it starts again") >= 2, when_ready=lambda: setattr(stack, "stopping", True))
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert "brief ended with code 0" in screen.text
    assert screen.text.count("my last words") >= 3
    assert screen.text.rstrip().endswith("stopped")


def start_console(log):
    """`manage.py run` on the servers of the tests; answers once the address is printed. It writes to a file: a pipe that nobody reads would stop it."""
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy") and not name.startswith("PYTEST_")}
    env |= {"DATABASE_URL": processes.database_url(), "SECRET_KEY": "processes"}
    del env["DJANGO_SETTINGS_MODULE"]
    command = [sys.executable, str(CHECKOUT / "manage.py"), "run", "--port", "8520", "--simulator-port", "8570", "--smpp-port", "8580", "--no-demo"]
    with log.open("w") as out:
        process = subprocess.Popen(command, env=env, cwd=CHECKOUT, stdout=out, stderr=out, start_new_session=True)
    wait_until(lambda: "The console is at" in log.read_text() or process.poll() is not None, 60)
    found = re.search(r"The console is at (http://[^ ]+/)", log.read_text())
    assert found, log.read_text()
    return process, found[1]


def processes_of(ancestor):
    """The descendants of a process: id → (parent's id, command)."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = {int(pid): (int(parent), command) for pid, parent, command in (line.split(None, 2) for line in listed.splitlines())}
    found, wave = set(), {ancestor}
    while wave:
        wave = {pid for pid, (parent, _command) in rows.items() if parent in wave} - found
        found |= wave
    return {pid: rows[pid] for pid in found}


def bulk_workers(process):
    """The worker for mailings, first, and its two children."""
    found = {pid: parent for pid, (parent, command) in processes_of(process.pid).items() if "-Q bulk" in command}
    return sorted(found, key=lambda pid: found[pid] != process.pid)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.processes
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc: runs on Linux")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_run_starts_all_brings_back_a_killed_worker_and_leaves_nobody(transactional_db, tmp_path, number):
    log = tmp_path / "log"
    process, address = start_console(log)
    try:
        assert urlopen(f"{address}livez", timeout=10).status == 200
        assert wait_until(lambda: len(bulk_workers(process)) == 3), log.read_text()
        killed = bulk_workers(process)[0]
        os.kill(killed, signal.SIGKILL)
        assert wait_until(lambda: len(bulk_workers(process)) == 3 and killed not in bulk_workers(process)), log.read_text()
        family = set(processes_of(process.pid))
    finally:
        process.send_signal(number)
        process.wait(timeout=60)
    assert process.returncode == 0, log.read_text()
    assert "worker-bulk was ended by signal SIGKILL" in log.read_text()
    assert not [pid for pid in family if alive(pid)]
