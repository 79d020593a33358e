"""Texts: filling in tokens and measuring, on one core, beside Python's own `str.format_map` and `len`. Needs no database."""

import time
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

from benchmarks.result import Result
from campaigns import tokens
from providers.segments import measure

SIZE = 200_000
ROUNDS = 5
TEXT = "Dear {contact.first_name|friend}, the meeting of {organisation.name} in {contact.custom.city|Paris} is on Tuesday at 18:00. Reply STOP to end."
FORMAT = "Dear {first_name}, the meeting of {organisation} in {city} is on Tuesday at 18:00. Reply STOP to end."
UNICODE = "Chère amie, la fête de l’été… à Nîmes"


def run(size: int = SIZE) -> Result:
    """Texts per second each way, alternating, and their ratios."""
    plain = [{"first_name": f"Camille{n}", "organisation": "Red Cross", "city": "" if n % 10 == 0 else "Lyon"} for n in range(size)]
    people = [{"contact.first_name": one["first_name"], "organisation.name": "Red Cross", "contact.custom.city": one["city"]} for one in plain]
    rendered = [tokens.render(TEXT, person) for person in people]
    dear = [f"{UNICODE} {n}" for n in range(size)]
    fill = tokens.compiled(TEXT, {"organisation.name": "Red Cross"})
    assert [fill(person) for person in people] == rendered
    ways: dict[str, tuple[Callable[[Any], Any], Iterable[Any]]] = {
        "render": (lambda person: tokens.render(TEXT, person), people), "compiled": (fill, people), "format_map": (FORMAT.format_map, plain),
        "measure": (measure, rendered), "measure_unicode": (measure, dear), "len": (len, rendered),
    }  # fmt: skip
    rates = _rates(ways, size)
    notes = [f"{size:,} people, {ROUNDS} rounds, medians; three tokens, two with fallbacks; `compiled` has the value that is the same for all written in"]
    result = Result("texts", {f"{name}_per_s": rate for name, rate in rates.items()}, notes=notes)
    result.ratios = {
        "render_vs_format_map": rates["render"] / rates["format_map"], "compiled_vs_format_map": rates["compiled"] / rates["format_map"],
        "measure_vs_len": rates["measure"] / rates["len"], "measure_unicode_vs_measure": rates["measure_unicode"] / rates["measure"],
    }  # fmt: skip
    return result


def _rates(ways: dict[str, tuple[Callable[[Any], Any], Iterable[Any]]], size: int) -> dict[str, float]:
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _round in range(ROUNDS):
        for name, (work, over) in ways.items():
            began = time.process_time()
            for each in over:
                work(each)
            seconds[name].append(time.process_time() - began)
    return {name: size / median(values) for name, values in seconds.items()}
