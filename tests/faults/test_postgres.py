"""The database is restarted, crashes, or has no room left in the middle of a mailing."""

import signal
import subprocess
import threading
import time

import pytest

from tests.faults.invariants import invariants
from tests.faults.people import confirmed, window
from tests.faults.servers import Quarters

pytestmark = pytest.mark.processes
ORDERLY, CRASH = signal.SIGINT, signal.SIGQUIT


@pytest.mark.parametrize("how", [ORDERLY, CRASH], ids=["in good order", "crash"])
def test_postgresql_is_restarted_in_the_middle(world, how):
    mailing = confirmed(1_500)
    world.machine()
    for texts in (200, 700):
        world.wait_for_texts(texts)
        world.postgres.stop(how)
        world.postgres.start()
    world.wait_for_the_end(mailing)
    assert invariants(world).unknown <= window()


@pytest.mark.short
def test_postgresql_crashes_just_after_the_gateway_has_accepted(world):
    """The gateway says yes, and nobody can write it down: the answer is kept until somebody can, as long as the lease lasts."""
    mailing = confirmed(800)
    fell = threading.Event()

    def fall() -> None:
        world.postgres.signal_all(signal.SIGQUIT)
        fell.set()

    world.when_accepted(150, fall)
    world.machine(LEASE_SECONDS="25")
    assert fell.wait(30)
    world.postgres.stop(CRASH)
    time.sleep(1)
    world.postgres.start()
    world.wait_for_the_end(mailing)
    assert invariants(world).unknown == 0


def test_postgresql_is_away_longer_than_a_lease(world):
    mailing = confirmed(800)
    world.machine()
    world.wait_for_texts(150)
    world.postgres.stop(CRASH)
    time.sleep(10)
    world.postgres.start()
    world.wait_for_the_end(mailing)
    assert invariants(world).unknown <= window()


# --- a full disk ---

MEGABYTES = 160


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own in memory; making one is a right that few have."""
    quarters = Quarters()
    folder = quarters.folder(f"disk-{tmp_path.name}")
    owner = [f"uid={quarters.owner.uid},gid={quarters.owner.gid},mode=700"] if quarters.owner else ["mode=700"]
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join([f"size={MEGABYTES}m", *owner]), "sms-console-faults", folder], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"needs the right to mount a small file system: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)
    quarters.remove(folder)


def test_the_disk_of_the_database_is_full_for_a_time(small_disk, new_world):
    world = new_world(small_disk / "cluster")
    mailing = confirmed(3_000, rate=800)
    world.machine()
    world.wait_for_texts(300)
    filler = small_disk / "filler"
    fill(filler)
    time.sleep(8)
    gone = world.gateway.gateway.accepted
    filler.unlink()
    if not world.postgres.runs():
        world.postgres.stop(CRASH)
        world.postgres.start()
    world.wait_for_the_end(mailing, seconds=90)
    assert gone < 3_000, "filled too late to prove anything"
    assert invariants(world).unknown <= 2 * window(800)


def fill(path) -> None:
    """Take all the room there is, and whatever is given back within a second."""
    ends = time.monotonic() + 1
    with path.open("wb", buffering=0) as file:
        size = 1 << 20
        while time.monotonic() < ends:
            try:
                file.write(b"x" * size)
            except OSError:
                size = max(4096, size // 2)
