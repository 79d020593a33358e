"""Words of the changes in a contact's history: stored as codes, read in everybody's own language."""

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, tuple[Any, str]] = {  # code -> (sentence with %(details)s, icon)
    "created": (_("Contact created"), "person-plus"),
    "edited": (_("Contact changed"), "pencil"),
    "deleted": (_("Contact deleted"), "trash3"),
    "restored": (_("Contact restored"), "arrow-counterclockwise"),
    "imported": (_("Imported from %(details)s"), "file-earmark-arrow-up"),
    "import_changed": (_("Changed by the import of %(details)s"), "file-earmark-arrow-up"),
    "group_joined": (_("Added to %(details)s"), "people"),
    "group_left": (_("Removed from %(details)s"), "people"),
    # lines of the consent ledger: event and scope
    "opt_in_marketing": (_("Agreed to marketing texts"), "person-check"),
    "opt_out_marketing": (_("Opted out of marketing texts"), "person-slash"),
    "opt_in_all": (_("Agreed to texts"), "person-check"),
    "opt_out_all": (_("Wants no texts at all"), "person-slash"),
}


def words(code: str, details: str) -> tuple[str, str]:
    """The sentence and its icon; an unknown code stands as it is."""
    sentence, icon = WORDS.get(code, (code.replace("%", "%%"), "journal-text"))
    return str(sentence) % {"details": details}, icon
