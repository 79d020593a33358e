"""Measure a part of the console: ratios side by side in one run."""

import importlib
import json
import pkgutil
from argparse import ArgumentParser
from types import ModuleType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import benchmarks


class Command(BaseCommand):
    """manage.py benchmark NAME [--size N] [--json]."""

    help = "Measure a part of the console; prints figures and the ratios between them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """NAME is a module of benchmarks/ that has `run`."""
        parser.add_argument("name", help="one of: " + ", ".join(_modules()))
        parser.add_argument("--size", type=int, help="how many rows or texts, instead of the benchmark's own number")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and print."""
        module = _modules().get(options["name"])
        if module is None:
            raise CommandError(f"There is no benchmark “{options['name']}”. Choose one of: {', '.join(_modules())}.")
        result = module.run(options["size"]) if options["size"] else module.run()
        self.stdout.write(json.dumps(result.as_dict(), indent=2) if options["json"] else "\n".join(result.lines()))


def _modules() -> dict[str, ModuleType]:
    """Benchmarks by name: the module's own `NAME`, else that of its file."""
    modules = [importlib.import_module(f"benchmarks.{info.name}") for info in pkgutil.iter_modules(benchmarks.__path__) if info.name != "naive"]
    return {getattr(module, "NAME", module.__name__.removeprefix("benchmarks.")): module for module in modules if hasattr(module, "run")}
