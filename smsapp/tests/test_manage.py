"""The head of manage.py: readable by an old Python, and every obstacle said in a sentence."""

import ast
import importlib.util
import subprocess
import sys
from collections import namedtuple

import pytest

from smsapp.services import embedded, launch
from smsapp.testing.source import CHECKOUT

FILE = CHECKOUT / "manage.py"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def manage(tmp_path, monkeypatch):
    """manage.py as a module, in an empty checkout."""
    spec = importlib.util.spec_from_file_location("manage_under_test", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text((CHECKOUT / name).read_text())
    monkeypatch.setattr(module, "HERE", str(tmp_path))
    monkeypatch.setattr(module, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(module, "VENV_PYTHON", str(tmp_path / ".venv" / "bin" / "python"))
    return module


def said(capsys):
    return capsys.readouterr().err


def test_an_old_python_can_read_it():
    text = FILE.read_text()
    assert text.isascii(), "Python 2 asks for an encoding line otherwise"
    tree = ast.parse(text, feature_version=(3, 4))
    modern = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.Nonlocal, ast.Starred, ast.YieldFrom)
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, modern)]
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and (node.returns or node.args.kwonlyargs)]
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.cause]


def test_its_head_imports_nothing_of_ours_or_of_packages():
    names = [alias.name for node in ast.parse(FILE.read_text()).body if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
    assert set(names) <= sys.stdlib_module_names


def test_an_old_python_is_told_so(manage, monkeypatch, capsys):
    monkeypatch.setattr(manage.sys, "version_info", (3, 10, 1))
    with pytest.raises(SystemExit):
        manage.main()
    assert "Python 3.11 or newer is needed" in said(capsys)


def test_a_python_without_venv_names_debians_package(manage, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit):
        manage.build("requirements.txt")
    assert "apt install python3-venv" in said(capsys)


def test_a_small_disk_is_told_before_it_is_full(manage, monkeypatch, capsys):
    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage(10**9, 10**9 - 5 * 10**6, 5 * 10**6))
    with pytest.raises(SystemExit):
        manage.build("requirements.txt")
    assert "only 5 MB are free" in said(capsys)


def test_a_disk_that_fills_up_is_told_in_words(manage, monkeypatch, capsys):
    failed = subprocess.CompletedProcess([], 1, stdout=b"ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device")
    monkeypatch.setattr(manage.subprocess, "run", lambda *args, **options: failed)
    with pytest.raises(SystemExit):
        manage.install("requirements.txt")
    assert "There is no space left on the disk" in said(capsys)


def test_nothing_is_installed_twice(manage, tmp_path):
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    manage.remember("requirements-dev.txt")
    assert manage.is_built("requirements.txt")
    assert manage.is_built("requirements-dev.txt")
    (tmp_path / "requirements-dev.txt").write_text("pytest==1.0\n")
    assert manage.is_built("requirements.txt")
    assert not manage.is_built("requirements-dev.txt")


def test_packages_of_another_version_do_not_count(manage, tmp_path):
    assert manage.has_packages("requirements.txt")
    (tmp_path / "requirements.txt").write_text("Django==1.0\n")
    assert not manage.has_packages("requirements.txt")
    (tmp_path / "requirements.txt").write_text("no-such-package-anywhere==1.0\n")
    assert not manage.has_packages("requirements.txt")


def test_every_requirement_is_pinned():
    lines = [line for name in ("requirements.txt", "requirements-dev.txt") for line in (CHECKOUT / name).read_text().splitlines()]
    assert not [line for line in lines if line and line[0].isalpha() and "==" not in line]


def test_the_secret_key_is_made_once_and_private(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "CHECKOUT", tmp_path)
    first = launch.secret_key()
    assert launch.secret_key() == first
    assert len(first) >= 50
    assert (tmp_path / "var" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret-key"]
