"""A line of what to look at before a mailing is sent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """Red blocks, yellow warns, green is in order. `url` and `link` lead to the people or the cure; `do` is a button that posts to the plan;
    `advice` is said beside it alone."""

    tone: str
    title: str
    text: str = ""
    url: str = ""
    link: str = ""
    do: str = ""
    button: str = ""
    advice: str = ""
