"""Words of the changes in a contact's history: stored as codes, read in everybody's own language."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.models.consent import TITLES

CONSENT_ICONS = {"opt_in": "person-check", "opt_out": "person-slash", "lifted": "arrow-counterclockwise"}
WORDS: dict[str, tuple[Any, str]] = {  # code -> (sentence with %(details)s, icon)
    "created": (_("Contact created"), "person-plus"),
    "edited": (_("Contact changed"), "pencil"),
    "deleted": (_("Contact deleted"), "trash3"),
    "restored": (_("Contact restored"), "arrow-counterclockwise"),
    "imported": (_("Imported from %(details)s"), "file-earmark-arrow-up"),
    "import_changed": (_("Changed by the import of %(details)s"), "file-earmark-arrow-up"),
    "group_joined": (_("Added to %(details)s"), "people"),
    "number_suppressed": (_("No more texts to %(details)s"), "slash-circle"),
    "suppression_lifted": (_("Texts allowed again to %(details)s"), "check-circle"),
    "number_quarantined": (_("Quarantined: %(details)s"), "pause-circle"),
    "quarantine_ended": (_("Quarantine ended: %(details)s"), "play-circle"),
    "group_left": (_("Removed from %(details)s"), "people"),
    "merged": (_("Merged with %(details)s"), "intersect"),
    "merged_known": (_("Merged with %(details)s (external id %(more)s)"), "intersect"),
    "former_id": (_("Former external id: %(details)s"), "tag"),
    **{code: (sentence, CONSENT_ICONS[code.rpartition("_")[0]]) for code, sentence in TITLES.items()},
    "tagged": (_("Tag %(details)s added"), "tag"),
    "untagged": (_("Tag %(details)s removed"), "tag"),
}


def words(code: str, details: str) -> tuple[str, str]:
    """The sentence and its icon; an unknown code stands as it is. A second line of `details` is what a sentence calls `more`."""
    sentence, icon = WORDS.get(code, (code.replace("%", "%%"), "journal-text"))
    first, _line, more = details.partition("\n")
    return str(sentence) % {"details": first, "more": more}, icon
