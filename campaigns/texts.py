"""A text in one or several languages. Pure: no ORM, no settings, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Texts:
    """`text` is for everybody whose language is none of `translations` (language code to text); `language` is its own, or empty."""

    text: str
    language: str = ""
    translations: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, row: Any) -> "Texts":
        """Of a mailing, a template or one of its versions."""
        return cls(row.text, row.language, dict(row.translations))

    def said_to(self, language: str) -> str:
        """What somebody with this language reads."""
        own = self.translations.get(language, "")
        return own if own.strip() else self.text

    @property
    def all(self) -> dict[str, str]:
        """Language code to text, the fallback first; its code may be empty."""
        return {self.language: self.text, **self.translations}

    def as_fields(self) -> dict[str, Any]:
        """For a row that keeps them."""
        return {"text": self.text, "language": self.language, "translations": dict(self.translations)}
