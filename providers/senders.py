"""What may stand in the place of the sender."""

import re
from collections.abc import Sequence

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SHORT_CODE = re.compile(r"\d{3,8}")
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")


def kind_of(sender: str) -> str:
    """ "number", "short_code", "name" (one-way: nobody can answer it), or "" for anything else."""
    for kind, pattern in (("number", _E164), ("short_code", _SHORT_CODE), ("name", _NAME)):
        if pattern.fullmatch(sender) and sender == sender.strip():
            return kind
    return ""


def answering(senders: Sequence[str], recipient: str) -> str:
    """Of a provider's senders, the number that somebody wrote to, else one that can be answered, else any; empty when there is none."""
    digits = recipient.lstrip("+")
    same = [sender for sender in senders if sender.lstrip("+") == digits]
    answered = [sender for sender in senders if sender.lstrip("+").isdigit()]
    return next(iter([*same, *answered, *senders]), "")
