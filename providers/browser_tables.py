"""The tables that the browser's counter works with, made from those of the server: `python -m providers.browser_tables > static/js/alphabet.js`."""

import json
import sys
import unicodedata

from providers.charset import BASIC, EXTENSION, outside
from providers.lookalikes import lookalike
from providers.segments import ALONE, GSM_7, PART, UCS_2

HEAD = "// Made by `python -m providers.browser_tables` from the server's tables; a test keeps them alike. measure.js reads it."


def script() -> str:
    """static/js/alphabet.js."""
    told = {
        "unicode": unicodedata.unidata_version,
        "basic": BASIC,
        "extension": EXTENSION,
        "room": {encoding: [ALONE[encoding], PART[encoding]] for encoding in (GSM_7, UCS_2)},
    }
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}," for name, value in told.items()]
    swaps = [f"    {json.dumps(other)}: {json.dumps(chars)}," for other, chars in lookalikes().items()]
    return "\n".join([HEAD, "window.smsAlphabet = {", *lines, '  "lookalikes": {', *swaps, "  },", "};", ""])


def lookalikes() -> dict[str, str]:
    """What stands in, and all characters that it stands in for; only those that a composed text can hold."""
    found: dict[str, str] = {}
    for char in map(chr, range(sys.maxunicode + 1)):
        if not "\ud800" <= char <= "\udfff" and outside(char) and (other := lookalike(char)) is not None and unicodedata.is_normalized("NFC", char):
            found[other] = found.get(other, "") + char
    return dict(sorted(found.items()))


if __name__ == "__main__":
    sys.stdout.write(script())
