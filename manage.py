#!/usr/bin/env python3
"""Django's command line; it builds .venv when packages are missing. Plain old Python until the packages are there."""

import hashlib
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(HERE, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
NEEDED_MEGABYTES = 900


def say(text):
    """One line of set-up news, apart from what the command prints."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def stop(text):
    """End with a sentence that a person can act on."""
    say(text)
    sys.exit(1)


def path_of(requirements):
    """A requirements file beside this one."""
    return os.path.join(HERE, requirements)


def fingerprint(requirements):
    """Changes when a pinned version or the Python does."""
    found = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for name in sorted({"requirements.txt", requirements}):
        with open(path_of(name), "rb") as file:
            found.update(file.read())
    return found.hexdigest()


def stamp(requirements):
    """The file in .venv that remembers what was installed."""
    return os.path.join(VENV, "." + requirements + ".sha256")


def is_built(requirements):
    """Whether .venv holds exactly these requirements."""
    try:
        with open(stamp(requirements)) as file:
            return file.read() == fingerprint(requirements) and os.path.exists(VENV_PYTHON)
    except OSError:
        return False


def pins(requirements):
    """Names and versions of a requirements file; lines for some platforms only are left to pip."""
    with open(path_of(requirements)) as file:
        lines = file.read().splitlines()
    if requirements != "requirements.txt":
        lines += pins("requirements.txt")
    return [line for line in lines if re.match(r"[A-Za-z0-9]", line) and ";" not in line]


def has_packages(requirements):
    """Whether the Python that runs this has every pinned package."""
    from importlib import metadata

    for line in pins(requirements):
        name, wanted = re.split(r"==", re.sub(r"\[.*?\]", "", line).split("#")[0].strip())
        try:
            if metadata.version(name) != wanted:
                return False
        except metadata.PackageNotFoundError:
            return False
    return True


def check_disk():
    """Say so before a half-filled disk does."""
    import shutil

    free = shutil.disk_usage(HERE).free // 1000000
    if free < NEEDED_MEGABYTES and not os.path.exists(VENV_PYTHON):
        stop("Setting up needs about %d MB of disk space, but only %d MB are free in %s. Free some space and try again." % (NEEDED_MEGABYTES, free, HERE))


def pip_works():
    """Whether .venv holds a Python that runs, with pip."""
    with open(os.devnull, "w") as nowhere:
        try:
            return subprocess.call([VENV_PYTHON, "-m", "pip", "--version"], stdout=nowhere, stderr=nowhere) == 0
        except OSError:
            return False


def make_venv():
    """Make .venv, or make it anew when what is there does not work."""
    try:
        import ensurepip  # noqa: F401  (Debian ships venv without it)
        import venv
    except ImportError:
        stop("This Python cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv, then try again.")
    say("Creating .venv with Python %s" % sys.version.split()[0])
    try:
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(VENV)
    except subprocess.CalledProcessError as failed:
        output = failed.output.decode(errors="replace") if failed.output else ""
        stop(explained(output or str(failed), "The virtual environment could not be made; on Debian or Ubuntu: apt install python3-venv, then try again."))
    except OSError as failed:
        stop(explained(str(failed), "The virtual environment could not be made in %s." % VENV))


def explained(output, sentence):
    """The sentence for a failed step: a full disk has its own."""
    if "No space left on device" in output or "Errno 28" in output or "Disk quota exceeded" in output:
        return "There is no space left on the disk: setting up needs about %d MB in %s. Free some space and try again." % (NEEDED_MEGABYTES, HERE)
    return output.strip()[-1500:] + "\n" + sentence


def install(requirements):
    """Let pip bring the pinned packages."""
    say("Installing the %d packages of %s (a minute or so the first time)" % (len(pins(requirements)), requirements))
    command = [VENV_PYTHON, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r", path_of(requirements)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        stop(explained(done.stdout.decode(errors="replace"), "The packages could not be installed: is the package index reachable from this machine?"))
    remember(requirements)
    say("Packages are ready")


def remember(requirements):
    """Note what .venv holds; the development set includes the other one."""
    for name in {"requirements.txt", requirements}:
        with open(stamp(name), "w") as file:
            file.write(fingerprint(name))


def build(requirements):
    """Build .venv, one process at a time."""
    import fcntl

    try:
        os.makedirs(os.path.join(HERE, "var"), exist_ok=True)
        lock = open(os.path.join(HERE, "var", "setup.lock"), "w")
    except OSError as failed:
        stop("%s: the checkout must belong to the user who runs it." % failed)
    fcntl.flock(lock, fcntl.LOCK_EX)
    if not is_built(requirements):
        check_disk()
        if not pip_works():
            make_venv()
        install(requirements)
    lock.close()


def enter(requirements):
    """Go on only where all packages are; otherwise start again inside .venv."""
    inside = os.path.realpath(sys.prefix) == os.path.realpath(VENV)
    if is_built(requirements):
        if inside:
            return
    elif has_packages(requirements):
        if inside:
            remember(requirements)
        return
    else:
        build(requirements)
    sys.stdout.flush()
    try:
        os.execv(VENV_PYTHON, [VENV_PYTHON] + sys.argv)
    except OSError as failed:
        stop("%s cannot be run (%s): it belongs to another user. Work in a clone of your own, or remove .venv." % (VENV_PYTHON, failed.strerror))


def main():
    """Find the packages, then hand over."""
    if sys.version_info < (3, 11):
        stop("Python 3.11 or newer is needed; this is Python %s. On Debian 12 or Ubuntu 24.04: apt install python3 python3-venv" % sys.version.split()[0])
    if os.name != "posix":
        stop("The console runs on Linux and macOS; on Windows use WSL.")
    enter("requirements-dev.txt" if sys.argv[1:2] == ["test"] else "requirements.txt")
    sys.path.insert(0, HERE)
    from smsapp.services.launch import launch

    launch(sys.argv)


if __name__ == "__main__":
    main()
