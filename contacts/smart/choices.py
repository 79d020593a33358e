"""Values that are chosen from what is offered: yes or no, one of some words, rows of a table."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from contacts import spelling
from contacts.smart.values import LONGEST, BadValue, Choice, Days, Names, Value, each, either, listed
from smsapp.common.bidi import isolated
from smsapp.common.sentences import say as _


class YesNo(Value):
    """Yes or no."""

    widget = "choice"

    def clean(self, raw: Any) -> bool:
        if raw is True or raw in ("yes", "true"):
            return True
        if raw is False or raw in ("no", "false"):
            return False
        raise BadValue(_("Choose yes or no."))

    def fill(self, value: Any) -> list[str]:
        return ["yes" if value else "no"]

    def words(self, value: Any, names: Names) -> str:
        return _("yes") if value else _("no")

    def choices(self) -> Iterable[Choice]:
        return [("yes", _("yes")), ("no", _("no"))]


class Several(Value):
    """What is chosen from a list, once or more often."""

    _choices: Callable[[], Iterable[Choice]]

    def choices(self) -> Iterable[Choice]:
        return self._choices()

    def gather(self, fields: Sequence[str]) -> Any:
        return [field for field in fields if field]

    def fill(self, value: Any) -> list[str]:
        return [str(item) for item in value]


class OneOf(Several):
    """One of some choices or several; any of them will do. `stays` keeps values that are offered no longer, as old rules have them."""

    widget = "choices"

    def __init__(self, choices: Callable[[], Iterable[Choice]], *, stays: bool = False, all_of_them: bool = False) -> None:
        self._choices, self._stays = choices, stays
        self._join = each if all_of_them else either

    def clean(self, raw: Any) -> list[str]:
        wanted = listed([raw] if isinstance(raw, str) else raw, _("Choose at least one."))
        known = {str(value) for value, _label in self.choices()}
        for item in wanted:
            if not isinstance(item, str) or (item not in known and not (self._stays and spelling.plain(item[:LONGEST]) == item != "")):
                raise BadValue(_("“%(value)s” cannot be chosen here. Choose another one.") % {"value": str(item)[:60]})
        return wanted

    def words(self, value: Any, names: Names) -> str:
        labels = {str(key): label for key, label in self.choices()}
        return self._join(str(labels.get(item, item)) for item in value)


class Rows(Several):
    """One or several rows of a table, by id: groups here, mailings and campaigns of an upper app."""

    widget = "rows"

    def __init__(self, what: str, choices: Callable[[], Iterable[Choice]], *, none: Any) -> None:
        self.refers_to, self._choices, self._none = what, choices, none

    def clean(self, raw: Any) -> list[int]:
        return [self._id(item) for item in listed([raw] if isinstance(raw, (str, int)) else raw, self._none)]

    def _id(self, item: Any) -> int:
        if isinstance(item, str) and item.isascii() and item.isdigit() and len(item) < 19:
            item = int(item)
        if not isinstance(item, int) or isinstance(item, bool) or not 0 < item < 2**63:
            raise BadValue(self._none)
        return item

    def words(self, value: Any, names: Names) -> str:
        return either(isolated(names.get((self.refers_to, item), f"{item}")) for item in value)

    def ids(self, value: Any) -> list[int]:
        return [item for item in value if isinstance(item, int)] if isinstance(value, list) else []


class RowsWithin(Rows):
    """Rows, and within how many days something happened to them: {"days": 7, "rows": [3]}."""

    widget = "rows_within"
    _days = Days()

    def gather(self, fields: Sequence[str]) -> Any:
        return {"days": fields[0] if fields else "", "rows": super().gather(fields[1:])}

    def fill(self, value: Any) -> list[str]:
        return [*self._days.fill(value["days"]), *super().fill(value["rows"])]

    def still_there(self, raw: Any) -> list[str]:
        try:
            return self._days.fill(self._days.clean(raw["days"]))
        except (TypeError, KeyError, BadValue):
            return []

    def clean(self, raw: Any) -> Any:
        if not isinstance(raw, dict):
            raise BadValue(self._none)
        return {"days": self._days.clean(raw.get("days")), "rows": super().clean(raw.get("rows") or [])}

    def words(self, value: Any, names: Names) -> str:
        return _("%(rows)s within the last %(days)s") % {"rows": super().words(value["rows"], names), "days": self._days.words(value["days"], names)}

    def ids(self, value: Any) -> list[int]:
        return super().ids(value.get("rows")) if isinstance(value, dict) else []
