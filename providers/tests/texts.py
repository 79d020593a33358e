"""Texts that counters must agree on: a table by hand, and as many made-up ones as wanted. Used for Python and for the browser."""

import random
import unicodedata

# 3GPP TS 23.038, table 6.2.1, written down by its columns and apart from providers.charset.
COLUMNS = (
    "@£$¥èéùìòÇ\nØø\rÅå", "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ", " !\"#¤%&'()*+,-./", "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO", "PQRSTUVWXYZÄÖÑÜ§", "¿abcdefghijklmno", "pqrstuvwxyzäöñüà",
)  # fmt: skip
ALONE = frozenset("".join(COLUMNS))
PAIRS = frozenset("\f^{}\\[~]|€")

CASES = [  # text, encoding, units, segments, left
    ("", "GSM-7", 0, 0, 160),
    ("a", "GSM-7", 1, 1, 159),
    (" ", "GSM-7", 1, 1, 159),
    ("a" * 160, "GSM-7", 160, 1, 0),
    ("a" * 161, "GSM-7", 161, 2, 145),
    ("a" * 306, "GSM-7", 306, 2, 0),
    ("a" * 307, "GSM-7", 307, 3, 152),
    ("€" * 80, "GSM-7", 160, 1, 0),
    ("€" * 81, "GSM-7", 162, 2, 143),
    ("a" * 159 + "€", "GSM-7", 161, 2, 145),
    ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3, 152),
    ("a" * 151 + "€" + "a" * 153, "GSM-7", 306, 2, 0),
    ("€" * 152, "GSM-7", 304, 2, 1),
    ("ж" * 70, "UCS-2", 70, 1, 0),
    ("ж" * 71, "UCS-2", 71, 2, 63),
    ("ж" * 134, "UCS-2", 134, 2, 0),
    ("😀" * 35, "UCS-2", 70, 1, 0),
    ("😀" * 36, "UCS-2", 72, 2, 61),
    ("ж" * 66 + "😀" + "ж" * 66, "UCS-2", 134, 3, 66),
    ("ж" * 65 + "😀" + "ж" * 67, "UCS-2", 134, 2, 0),
    ("ж" + "€" * 69, "UCS-2", 70, 1, 0),
    ("👩‍👩‍👧‍👦🇫🇷", "UCS-2", 15, 1, 55),
    ("a\r\nb", "GSM-7", 3, 1, 157),
    ("a\r\r\nb", "GSM-7", 3, 1, 157),
    ("a\rb\n", "GSM-7", 4, 1, 156),
    ("e\u0301" * 160, "GSM-7", 160, 1, 0),
    ("A\u030a", "GSM-7", 1, 1, 159),
    ("\u212b\u2126", "GSM-7", 2, 1, 158),  # Ångström and ohm are Å and Ω
    ("e\u0302", "UCS-2", 1, 1, 69),
    ("x\u0302", "UCS-2", 2, 1, 68),
    ("\u1100\u1161", "UCS-2", 1, 1, 69),  # Hangul from its letters
    ("\f^{}\\[~]|€", "GSM-7", 20, 1, 140),
    ("\f", "GSM-7", 2, 1, 158),
    ("\x1b", "UCS-2", 1, 1, 69),
    ("`", "UCS-2", 1, 1, 69),
    ("\t", "UCS-2", 1, 1, 69),
    ("\x00\x7f", "UCS-2", 2, 1, 68),
    ("\u00a0\u202f\u2009", "UCS-2", 3, 1, 67),
    ("\u2028\u2029", "UCS-2", 2, 1, 68),
    ("\ud83d", "UCS-2", 1, 1, 69),
    ("\ude00\ud83d", "UCS-2", 2, 1, 68),
    ("\ud83d\ude00", "UCS-2", 2, 1, 68),
    ("ж" * 66 + "\ud83d" + "ж" * 67, "UCS-2", 134, 2, 0),  # half a pair holds on to nothing
    ("éèàùìòÇÉæÆ", "GSM-7", 10, 1, 150),
    ("\uffff\U0010ffff", "UCS-2", 3, 1, 67),
]

PIECES = [
    *ALONE, *PAIRS, *"çêëîïôûâœŒÀÈÊÔ«»’‘“”„–—…•·`´\t\u00a0\u202f\u2009\u200b\u2028", "\r\n", "\r", "\u0301", "\u0302", "e\u0301", "s\u0302\u0301",
    "Привет", "Ωμέγα", "مرحبا", "你好", "\u1100\u1161\u11a8", "😀", "👍🏽", "🇫🇷", "\ufe0f", "½", "Ǆ", "ﬁ", "\ud83d", "\ude00", "{contact.first_name}",
]  # fmt: skip


def generated(amount: int, *, seed: int = 4) -> list[str]:
    """Texts of all lengths: plain ones, ones with a few dear characters, wild ones; mostly around the ends of segments."""
    choice = random.Random(seed)
    return [_text(choice) for _number in range(amount)]


def _text(choice: random.Random) -> str:
    length = choice.choice([0, 1, choice.randrange(70), *(end + choice.randrange(-4, 5) for end in (70, 134, 160, 201, 306, 459))])
    kind = choice.randrange(5)
    if kind == 0:
        return "".join(choice.choices([*ALONE, *PAIRS], k=length))
    if kind == 1:
        return "".join(choice.choices("ab😀ж", k=length))
    if kind == 2:
        return "".join(_any(choice) for _place in range(min(length, 80)))
    if kind == 3:
        return "".join(choice.choices(["a", "e", " ", "’", "ê", "€", "…"], weights=[50, 50, 20, 1, 1, 2, 1], k=length))
    return "".join(choice.choices(PIECES, k=length))


def _any(choice: random.Random) -> str:
    """Any character that both Unicode tables know, for what a later one adds composes there only."""
    while unicodedata.category(found := chr(choice.choice([choice.randrange(0x250), choice.randrange(0x3000), choice.randrange(0x110000)]))) == "Cn":
        pass
    return found


def packed(text: str) -> tuple[str, int, int, int, list[str]]:
    """The slow way: (encoding, units, segments, left, parts), trying for each character whether the part still fits."""
    text = unicodedata.normalize("NFC", _whole(text))
    gsm = all(char in ALONE or char in PAIRS for char in text)

    def cost(piece: str) -> int:
        return sum(2 if char in PAIRS else 1 for char in piece) if gsm else len(piece.encode("utf-16-be")) // 2

    room = (160 if gsm else 70) if cost(text) <= (160 if gsm else 70) else (153 if gsm else 67)
    parts = [""] if text else []
    for char in text:
        if cost(parts[-1] + char) > room:
            parts.append("")
        parts[-1] += char
    return "GSM-7" if gsm else "UCS-2", cost(text), len(parts), room - cost(parts[-1]) if parts else room, parts


def _whole(text: str) -> str:
    while "\r\n" in text:
        text = text.replace("\r\n", "\n")
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in _joined(text))


def _joined(text: str) -> str:
    """Halves that stand together are a pair."""
    found: list[str] = []
    for char in text:
        if found and "\ud800" <= found[-1] <= "\udbff" and "\udc00" <= char <= "\udfff":
            char = chr(0x10000 + ((ord(found.pop()) - 0xD800) << 10) + ord(char) - 0xDC00)
        found.append(char)
    return "".join(found)
