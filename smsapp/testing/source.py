"""The project's own source as trees: which file imports what, how long files and functions are."""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("smsapp", "contacts", "providers", "campaigns", "workflows", "tests")


@dataclass(frozen=True)
class Source:
    """One file of ours."""

    path: Path

    @property
    def name(self) -> str:
        """Path from the checkout's root, with forward slashes."""
        return self.path.relative_to(CHECKOUT).as_posix()

    @property
    def module(self) -> str:
        """Dotted name."""
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def is_test(self) -> bool:
        """Tests and what serves only them."""
        return "/tests/" in self.name or self.name.startswith(("smsapp/testing/", "tests/"))

    @property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return _parsed(self.path)

    def imports(self) -> Iterator[tuple[int, str]]:
        """(line, dotted name) of each import, also inside functions; `from a import b` gives a.b."""
        for line, name in self._imports():
            if not (name == "smsapp.accounts.models.User" and line in self.typing_lines):  # AUTH_USER_MODEL's type: Django's own slot, no arrow
                yield line, name

    @property
    def typing_lines(self) -> set[int]:
        """Lines that only the type checker reads."""
        blocks = [node for node in ast.walk(self.tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
        return {statement.lineno for block in blocks for statement in block.body}

    def _imports(self) -> Iterator[tuple[int, str]]:
        package = self.module if self.path.name == "__init__.py" else self.module.rpartition(".")[0]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    parts = package.split(".")[: len(package.split(".")) - node.level + 1]
                    base = ".".join([*parts, base] if base else parts)
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)

    def functions(self) -> Iterator[tuple[str, int]]:
        """(name, lines) of each function."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def sources(*, tests: bool = False) -> list[Source]:
    """Every file of ours but migrations."""
    found = [Source(path) for package in PACKAGES for path in sorted((CHECKOUT / package).rglob("*.py")) if "/migrations/" not in path.as_posix()]
    return [source for source in found if tests or not source.is_test]


def longest(count: int = 5) -> list[str]:
    """Places to look: the longest files and functions, as lines of text."""
    files = sorted(((len(source.path.read_text().splitlines()), source.name) for source in sources(tests=True)), reverse=True)
    functions = sorted(((lines, f"{source.name}: {name}") for source in sources() for name, lines in source.functions()), reverse=True)
    return [f"{lines:>5}  {name}" for found in (files, functions) for lines, name in found[:count]]


def shape() -> str:
    """A word that changes with any migration of ours and any pinned library."""
    ours = [path for package in PACKAGES for path in sorted((CHECKOUT / package).rglob("migrations/*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in [*ours, CHECKOUT / "requirements.txt"])).hexdigest()[:12]
