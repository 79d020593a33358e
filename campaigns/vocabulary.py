"""The tokens of this installation: the fixed ones, and one for each custom field of contacts."""

from dataclasses import dataclass
from typing import Any

from campaigns import tokens
from campaigns.tokens import CustomToken, Token
from contacts.models import CustomField
from smsapp.common.models import Organisation


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What it takes to fill the tokens of one text; `language` is that of people who have none."""

    fixed: tuple[Token, ...] = ()
    custom: tuple[CustomToken, ...] = ()
    language: str = "en"

    @classmethod
    def of(cls, text: str) -> "Vocabulary":
        """Of the tokens in `text`, looked up once for everybody; those of archived fields still say what is stored."""
        names, keys = set(tokens.find(text)), tokens.custom_keys(text)
        fixed = tuple(token for token in tokens.TOKENS if token.name in names)
        if not keys:
            return cls(fixed)
        return cls(fixed, tuple(map(_token, CustomField.objects.filter(key__in=keys))), Organisation.current().language)

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields of a contact that `values` reads."""
        return tokens.fields_of(self.fixed, self.custom)

    def values(self, contact: Any) -> dict[str, str]:
        """Values of the text's tokens for one contact (any object with these `fields`)."""
        return tokens.values_of(contact, self.custom, self.language, fixed=self.fixed)


def _token(field: CustomField) -> CustomToken:
    return CustomToken(f"{tokens.CUSTOM}{field.key}", field.key, field.type, field.label)


def check(text: str) -> list[tokens.Problem]:
    """Tokens that nobody knows here. A text with fixed tokens only costs no query."""
    if not tokens.check(text):
        return []
    return tokens.check(text, {*tokens.NAMES, *(token.name for token in custom_tokens())})


def custom_tokens() -> list[CustomToken]:
    """One for each active custom field, in their order."""
    return [_token(field) for field in CustomField.objects.active()]


def choices() -> list[tuple[str, Any]]:
    """(token as it is written, its name) for the picker, sorted by name as people read it."""
    custom = [(token.name, token.label) for token in custom_tokens()]
    fixed = [(token.name, token.label) for token in tokens.TOKENS]
    return sorted(((f"{{{name}}}", label) for name, label in (*fixed, *custom)), key=lambda row: str(row[1]).casefold())
