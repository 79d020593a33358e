"""Tags as people write them: free words, separated by commas; one word has one spelling, whatever its case. Pure."""

import re
from collections.abc import Iterable

from contacts import spelling
from contacts.spelling import ValueProblem
from smsapp.common.sentences import say as _

MOST = 30  # a contact
LONGEST = 50
SEPARATORS = re.compile(r"[,;\n\r]")


def split(text: str) -> list[str]:
    """The tags of a field: "member, board" → ["member", "board"]. Raises ValueProblem."""
    return clean(SEPARATORS.split(text))


def clean(tags: Iterable[str]) -> list[str]:
    """Tags to keep, each once. Raises ValueProblem for one that is too long or holds a separator, and for too many."""
    kept: dict[str, str] = {}
    for tag in map(spelling.plain, tags):
        if len(tag) > LONGEST:
            words = {"tag": tag[:LONGEST], "length": len(tag), "most": LONGEST}
            raise ValueProblem("tag_too_long", _("The tag “%(tag)s…” has %(length)s characters. Use at most %(most)s.") % words)
        if SEPARATORS.search(tag):
            raise ValueProblem("tag_separator", _("The tag “%(tag)s” holds a comma or a semicolon. These separate tags: leave them out.") % {"tag": tag})
        if tag:
            kept.setdefault(same(tag), tag)
    if len(kept) > MOST:
        words = {"count": len(kept), "most": MOST}
        raise ValueProblem("too_many_tags", _("%(count)s tags. A contact has at most %(most)s; groups are better for more.") % words)
    return list(kept.values())


def same(tag: str) -> str:
    """What two spellings of one tag have in common."""
    return tag.casefold()
