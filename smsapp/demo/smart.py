"""Smart groups as an association would make them."""

from typing import Any

from contacts.services import smart_groups
from contacts.smart import refresh

GROUPS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "Birthday in the next 7 days",
        "For a birthday text; it changes by itself every day.",
        {"all": [{"q": "birthday", "test": "coming", "value": 7}, {"q": "textable", "test": "is", "value": True}]},
    ),
    (
        "Patrons who read French",
        "",
        {"all": [{"q": "custom.member_level", "test": "is", "value": ["Patron"]}, {"q": "language", "test": "is", "value": ["fr"]}]},
    ),
    (
        "Nothing heard for 90 days",
        "Neither texted nor replied.",
        {"all": [{"q": "texted", "test": "not_within", "value": 90}, {"q": "replied", "test": "not_within", "value": 90}]},
    ),
)


def make_smart_groups() -> None:
    """The groups with their members."""
    made = [smart_groups.save(None, name=name, description=description, tree=tree) for name, description, tree in GROUPS]
    refresh.bring_up_to_date([group.pk for group in made])
