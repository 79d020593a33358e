"""Preparation of 200,000 recipients out of a million, rendered and measured, beside a bare INSERT … SELECT of the same rows."""

from functools import partial
from statistics import median

from benchmarks import audience
from benchmarks.result import Result
from smsapp.common import garbage

NAME = "prepare"
SIZE = 1_000_000
INCLUDED, EXCLUDED = slice(3, 5), slice(5, 6)  # 25 and 15 % of all people, without 15 %: about 200,000 get a text


def run(size: int = SIZE) -> Result:
    """Seconds of both, alternating, and their ratios."""
    garbage.look_seldom()  # as workers do
    result = Result("prepare")
    with audience.seeded(size) as world:
        make, make_small = partial(audience.draft, world, INCLUDED, EXCLUDED), partial(audience.draft, world, slice(-2, None), slice(0, 0))
        seconds = audience.rounds(make, make_small, result)
    result.figures["ours_texts_per_s"] = result.figures["texts"] / median(seconds["ours"])
    result.ratios = audience.ratios(seconds)
    result.notes += [f"{name}: {', '.join(f'{each:.2f}' for each in sorted(values))} s" for name, values in seconds.items()]
    result.notes.append("limit: INSERT … SELECT of the same messages and exclusions, a statement each; ratios are medians of each round's own, of seconds")
    return result
