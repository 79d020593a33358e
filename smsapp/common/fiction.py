"""Numbers that belong to nobody: accepted and shown as fictional, texted through the simulator only. Pure.

Sources: Ofcom, "Telephone numbers for use in TV and radio drama programmes"; Arcep, decision 2018-0881, annex 1 (numbers kept for
audiovisual works); North American Numbering Plan, 555-0100 to 555-0199 of every area code.

Tunisia keeps no range for fiction. For the simulator and the demo we take +216 499 xx xxx: its plan gives mobiles the blocks 2, 40 to 48, 5 and 9,
so a number that begins with 49 rings nowhere. Should 49 ever be opened, choose another block here.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class FictionalRange:
    """A beginning in E.164 and how many digits follow it."""

    country: str
    beginning: str
    digits: int
    kind: str


def _uk(beginning: str, digits: int, kind: str = "landline") -> FictionalRange:
    return FictionalRange("GB", f"+44{beginning}", digits, kind)


def _france(beginning: str, kind: str = "landline") -> FictionalRange:
    return FictionalRange("FR", f"+33{beginning}", 4, kind)


RANGES = (
    _uk("7700900", 3, "mobile"),
    *(_uk(f"{area}4960", 3) for area in (113, 114, 115, 116, 117, 118, 121, 131, 141, 151, 161)),  # Leeds to Manchester
    _uk("1914980", 3),  # Tyneside
    _uk("2079460", 3),  # London
    _uk("2896496", 4),  # Northern Ireland: 6000 to 6999 of 9649
    _uk("2920180", 3),  # Cardiff
    _uk("1632960", 3),  # no place at all
    _uk("3069990", 3, "other"),
    _uk("8081570", 3, "other"),
    _uk("9098790", 3, "other"),
    _france("63998", "mobile"),
    *(_france(beginning) for beginning in ("19900", "26191", "35301", "46571", "53649")),
    FictionalRange("TN", "+216499", 5, "mobile"),
)
_NORTH_AMERICA = re.compile(r"\+1[2-9][0-9]{2}55501[0-9]{2}")
_ALL = re.compile("|".join(f"({re.escape(each.beginning)}[0-9]{{{each.digits}}})" for each in RANGES))
PATTERN = f"^({_ALL.pattern}|{_NORTH_AMERICA.pattern})$"  # the same for a database's regular expressions


def find(number: str) -> FictionalRange | None:
    """The range that an E.164 number is of; North America's has the country "US" whatever the area code."""
    if found := _ALL.fullmatch(number):
        return RANGES[(found.lastindex or 1) - 1]
    if _NORTH_AMERICA.fullmatch(number):
        return FictionalRange("US", "+1", 10, "mobile")
    return None
