"""Rules in addresses and hidden fields: packed where they are short, else kept in the database under a short id.

An address may have 4,094 bytes, and other filters stand beside the rules. Whoever may see contacts may follow a link to kept rules.
"""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import KeptSearch
from contacts.smart.problems import RulesProblem

LONGEST = 200_000  # bytes of JSON: as much as one builder holds that a person fills
LONGEST_PACKED = 1_000  # characters in an address
LONGEST_READ = 3_000  # older links hold more
KEPT = "~"  # before the id of kept rules; no packed text has it
KEPT_FOR = timedelta(days=90)  # after the last use
FRESH = timedelta(days=1)  # a use is noted once a day


def pack(tree: Any) -> str:
    """A short text of characters that addresses may hold. Raises RulesProblem when there is too much of it."""
    plain = as_bytes(tree)
    packed = urlsafe_b64encode(zlib.compress(plain, 9)).decode().rstrip("=")
    return packed if len(packed) <= LONGEST_PACKED else _keep(plain)


def as_bytes(tree: Any) -> bytes:
    """As JSON. Raises RulesProblem when that is too long."""
    plain = json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    if len(plain) > LONGEST:
        raise RulesProblem("too_long", _("These rules are too long for one search. Use fewer or shorter values, or put some of them into a smart group."))
    return plain


def unpack(text: str) -> Any:
    """The tree of a packed text, of a kept one's id, or of plain JSON. Raises RulesProblem."""
    if text.startswith(KEPT):
        return _kept(text[1:])
    try:
        return json.loads(text if text.startswith("{") else _unzipped(text), parse_constant=_no_number)
    except (ValueError, RecursionError, zlib.error):
        raise RulesProblem("unreadable", _("The rules of this search cannot be read. Build them again.")) from None


def forget(now: datetime) -> None:
    """Drop rules that nobody has looked at for long."""
    KeptSearch.objects.filter(used_at__lt=now - KEPT_FOR).delete()


def _keep(plain: bytes) -> str:
    """The same rules have the same id; that they were used is noted."""
    token = urlsafe_b64encode(sha256(plain).digest()[:18]).decode()
    if not _use(token):
        KeptSearch.objects.bulk_create([KeptSearch(token=token, rules=plain.decode())], ignore_conflicts=True)
    return KEPT + token


def _kept(token: str) -> Any:
    found = KeptSearch.objects.filter(token=token[:40].replace("\0", "")).first()
    if found is None:
        sentence = _("This search was not used for %(days)s days and is no longer kept. Build it again, or save the next one as a smart group.")
        raise RulesProblem("forgotten", sentence % {"days": KEPT_FOR.days})
    if found.used_at < timezone.now() - FRESH:
        _use(token)
    return json.loads(found.rules)


def _use(token: str) -> bool:
    return bool(KeptSearch.objects.filter(token=token).update(used_at=timezone.now()))


def _unzipped(text: str) -> str:
    if len(text) > LONGEST_READ:
        raise ValueError
    opened = zlib.decompressobj()
    plain = opened.decompress(urlsafe_b64decode(text + "=" * (-len(text) % 4)), LONGEST + 1)
    if len(plain) > LONGEST or not opened.eof:
        raise ValueError
    return plain.decode()


def _no_number(word: str) -> Any:
    raise ValueError(word)
