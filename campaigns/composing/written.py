"""What somebody is writing, as form fields hold it: half done, in one or several languages, never trusted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from campaigns.forms.schedule import zone
from campaigns.models import Mailing
from campaigns.models.template import CODES, Kind
from campaigns.texts import Texts
from campaigns.tokens import LONGEST_TEXT
from campaigns.wizard import moments
from campaigns.wizard.picker import id_in
from providers.models import Provider

MOST_WORKED_ON = LONGEST_TEXT * 2  # enough to say how much too long a text is; more would only cost time


@dataclass(frozen=True, slots=True)
class Written:
    """The composer's fields. `translations` may hold empty texts: their boxes are open."""

    text: str = ""
    language: str = ""
    translations: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""  # "provider:sender"
    most: int | None = None  # segments
    kind: str = ""
    template: int | None = None
    subject: str = ""
    moment: datetime | None = None  # when it leaves; None for now, and for what makes no sense

    @classmethod
    def read(cls, data: Any) -> "Written":
        """From a QueryDict."""
        return cls._of(data.get, data.getlist("written"))

    @classmethod
    def of(cls, form: Any) -> "Written":
        """From a form as it stands on the page, bound or not; fields that it lacks are empty."""
        return cls._of(lambda name, otherwise="": form[name].value() if name in form.fields else otherwise, form.written)

    @classmethod
    def kept(cls, mailing: Mailing) -> "Written":
        """As it stands in a mailing's row."""
        origin = f"{mailing.provider_id}:{mailing.sender}" if mailing.provider_id else ""
        return cls(mailing.text, mailing.language, mailing.translations, origin, mailing.max_segments, mailing.kind, mailing.template_id, mailing.name)

    @classmethod
    def _of(cls, get: Any, written: Iterable[str]) -> "Written":
        def text(name: str) -> str:
            return str(get(name, "") or "").replace("\r\n", "\n").replace("\0", "")[:MOST_WORKED_ON]

        language = text("language") if text("language") in CODES else ""
        open_ones = [code for code in CODES if code != language and (code in written or text(f"text_{code}").strip())]
        return cls(
            text("text"), language, {code: text(f"text_{code}") for code in open_ones}, text("origin"), _number(get("max_segments", "")),
            text("kind") if text("kind") in Kind.values else "", _number(get("template", "")), text("subject"),
            _moment(text("when"), text("day"), text("hour")),
        )  # fmt: skip

    @property
    def texts(self) -> Texts:
        """What would be said to whom."""
        return Texts(self.text, self.language, {code: text for code, text in self.translations.items() if text.strip()})

    @property
    def sender(self) -> str:
        """What would stand above the text."""
        return self.origin.partition(":")[2]

    def provider(self) -> Provider | None:
        """Through whom it would go."""
        return Provider.objects.filter(id=_number(self.origin.partition(":")[0]) or 0).first()

    def at(self, name: str) -> str:
        """The text of a field: "text", "text_fr"."""
        return self.text if name == "text" else self.translations.get(name.removeprefix("text_"), "")


def _moment(when: str, day: str, hour: str) -> datetime | None:
    try:
        return moments.read(date.fromisoformat(day), time.fromisoformat(hour), zone(), now=timezone.now()).at if when == "at" else None
    except ValueError:
        return None


def _number(value: Any) -> int | None:
    return id_in(str(value or ""))
