"""What the composer shows: templates/campaigns/_composer.html and _composer_preview.html read it as `composer`."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import composer, stop_wording, tokens, wording
from campaigns.composing import choosing, live, offers, showing
from campaigns.composing.acts import Acted
from campaigns.composing.readers import Readers
from campaigns.composing.showing import Place, Shown
from campaigns.composing.written import MOST_WORKED_ON, Written
from campaigns.models import SmsTemplate
from campaigns.models.template import LANGUAGES, Kind
from providers.lookalikes import Replacement, replacement
from providers.models import Provider
from providers.segments import Measure, measure

MOST_LISTED = 300


@dataclass
class Panel:
    """The box of one language: `name` is its field, `code` its language, which the first one may lack."""

    name: str
    code: str
    label: str
    value: str
    is_main: bool
    counter: composer.Counter
    values: dict[str, str]  # of the tokens, for the person whose text is counted: the browser counts with them at once
    partly: bool  # only the first people were looked at
    readers: str  # who reads it, when there are several
    lacks_stop: bool
    errors: list[str]
    price: Decimal | None = None  # of a segment
    currency: str = ""
    stop: str = ""  # a sentence that says how to stop
    typed: str = ""  # all that somebody typed; `value` is as much of it as is worked on

    @cached_property
    def replacement(self) -> Replacement:
        """What one press does to the characters that make the text Unicode."""
        return replacement(self.value)

    @property
    def swaps(self) -> list[offers.Swap]:
        """These characters, each to be replaced by itself."""
        return [offers.Swap(change) for change in self.replacement.changes]

    @property
    def replaceable(self) -> int:
        """How many characters go with one press."""
        return sum(change.times for change in self.replacement.changes if change.done)

    @cached_property
    def cheaper(self) -> Measure:
        """The counted text with look-alikes in what was written; what tokens say stays."""
        return measure(tokens.render(self.replacement.text, self.values))

    @property
    def saved(self) -> int:
        """Segments that the counted text has less with look-alikes."""
        return self.counter.size.segments - self.cheaper.segments

    @property
    def values_json(self) -> str:
        """For the script, which counts with them until the server's figures come."""
        return json.dumps(self.values)

    @property
    def cost(self) -> Decimal | None:
        """Of one text."""
        return self.price * self.counter.size.segments if self.price and self.counter.size.segments else None

    @property
    def cost_saved(self) -> Decimal | None:
        """Of one text, with look-alikes."""
        return self.price * self.saved if self.price and self.saved > 0 else None


class Composer:
    """One for each page; `form` is what stands on it, none when only figures are asked for."""

    def __init__(self, user: Any, readers: Readers, written: Written, *, form: Any = None, place: Place | None = None, acted: Acted | None = None) -> None:
        self.user, self.readers, self.written, self.form = user, readers, written, form
        self.place, self.acted = place or Place(), acted

    @classmethod
    def on(cls, request: Any, form: Any, readers: Readers, acted: Acted | None = None) -> "Composer":
        """For a page that shows `form`."""
        return cls(request.user, readers, Written.of(form), form=form, place=Place.read(request.POST), acted=acted)

    # --- texts ---

    @cached_property
    def panels(self) -> list[Panel]:
        """The first text, then the others."""
        others = self.written.translations
        return [self._panel("text", self.written.language), *(self._panel(f"text_{code}", code) for code in others)]

    def _panel(self, name: str, code: str) -> Panel:
        value, is_main = self.written.at(name), name == "text"
        counter, values, partly = self._count(value, code)
        return Panel(
            name, code, self._label(code, is_main), value, is_main, counter, values, partly, self._said_to(code, is_main),
            self.is_marketing and bool(value.strip()) and not stop_wording.says_how(value), list(self.form[name].errors) if self.form else [],
            self.price, self.provider.currency if self.provider else "", offers.stop_sentence(code, self.written.sender),
            self._typed(name, value),
        )  # fmt: skip

    def _typed(self, name: str, value: str) -> str:
        """The whole of a text that is much too long: nobody loses what they wrote."""
        whole = str(self.form[name].value() or "") if self.form and name in self.form.fields else ""
        return whole if len(whole) > MOST_WORKED_ON else value

    def _label(self, code: str, is_main: bool) -> str:
        if code:
            return str(wording.language(code))
        return _("Everybody else") if is_main and self.written.translations else _("Text")

    def _said_to(self, code: str, is_main: bool) -> str:
        if not self.written.translations:
            return ""
        if is_main:
            return _("Everybody else reads this text: people with another language, or none.")
        return _("People whose language is %(language)s read this text. As long as it is empty they read the first one.") % {"language": wording.language(code)}

    def _count(self, text: str, code: str) -> tuple[composer.Counter, dict[str, str], bool]:
        texts = self.written.texts
        people, partly = choosing.worst(self.readers, texts, code) if tokens.find(text) and text.strip() else ([], False)
        words = self.readers.words(text)
        words.complete(people)
        rows = [(contact.name, words.values(contact)) for contact in people] or [("", words.for_nobody)]
        counter = composer.count(text, rows, limit=self.limit, check=self.readers.check)
        return counter, next((values for name, values in rows if name == counter.name), {}), partly

    @property
    def words_json(self) -> str:
        """What the script says until the server has counted."""
        return live.words_json(self.price, self.provider.currency if self.provider else "")

    @cached_property
    def limit(self) -> int:
        """Most segments of a text."""
        return self.readers.limit(self.written)

    @cached_property
    def is_marketing(self) -> bool:
        """Whether people must be told how to stop it."""
        return self.written.kind == Kind.MARKETING

    # --- languages ---

    @property
    def addable(self) -> list[tuple[str, Any]]:
        """Languages that could have a text of their own."""
        taken = {self.written.language, *self.written.translations}
        return [(code, label) for code, label in LANGUAGES if code not in taken]

    @property
    def languages(self) -> list[tuple[str, Any, bool]]:
        """(code, name, chosen) for the first text."""
        return [(code, label, code == self.written.language) for code, label in [("", _("Not said")), *LANGUAGES]]

    @property
    def open_panel(self) -> str:
        """The box that a script shows first: one with a mistake, else the one that a button was about."""
        faulty = next((panel.name for panel in self.panels if panel.errors), "")
        return faulty or (self.acted.panel if self.acted else "") or "text"

    # --- money ---

    @cached_property
    def provider(self) -> Provider | None:
        """Through whom it would go."""
        return self.readers.provider or self.written.provider()

    @property
    def price(self) -> Decimal | None:
        """Of a segment; nothing when there is no price."""
        return (self.provider.price_per_segment or None) if self.provider else None

    @cached_property
    def total(self) -> int | None:
        """Texts that would be sent; None when nobody knows."""
        return self.readers.total()

    @property
    def cost(self) -> Decimal | None:
        """Of all texts, when each is as long as the longest that may leave."""
        if self.price is None or not self.total:
            return None
        longest = max(panel.counter.size.segments for panel in self.panels)
        return min(longest, self.limit) * self.total * self.price

    @property
    def waits_for_cost(self) -> bool:
        """Whether the recipients are so many that they are counted apart."""
        return self.price is not None and self.total is None and self.readers.is_counted_later()

    @property
    def cost_is_exact(self) -> bool:
        """True when everybody's text has the same size."""
        return len(self.panels) == 1 and not tokens.find(self.written.text)

    @cached_property
    def refused(self) -> list[Any] | None:
        """Chosen numbers that the provider may not text."""
        return self.readers.refused(self.provider)

    # --- preview ---

    @cached_property
    def preview(self) -> Shown | None:
        """A real person's text."""
        return showing.show(self.readers, self.written.texts, self.place)

    @property
    def shows(self) -> list[tuple[str, Any]]:
        """Whose text can be asked for."""
        longest = [("longest", _("Longest")), ("shortest", _("Shortest")), ("dearest", _("Most expensive"))]
        return [("anyone", _("Anyone")), *longest, (showing.GAPS, _("Empty tokens"))]

    @property
    def example(self) -> str:
        """An empty token of the person who is shown, with words for those who have none, where some fit."""
        empty = self.preview.empty if self.preview else []
        return next(filter(None, map(tokens.with_fallback, empty)), "")

    @property
    def looks_at_the_first(self) -> bool:
        """Whether people with gaps were looked for among the first only."""
        return choosing.are_many(self.readers)

    @property
    def pressed(self) -> str:
        """Which of them is shown."""
        return self.place.among or "anyone"

    @property
    def now(self) -> datetime:
        """What the phone's clock says."""
        return timezone.now()

    # --- what can be put in ---

    @property
    def token_groups(self) -> list[Any]:
        """Tokens by what they are about, each with its value for the person on the phone."""
        return offers.token_groups(self.readers, self.preview.contact if self.preview else None)

    @property
    def emoji(self) -> list[tuple[str, Any]]:
        """A few that texts of organisations use, each with its name."""
        return offers.EMOJI

    # --- templates ---

    @cached_property
    def template(self) -> SmsTemplate | None:
        """The template that was chosen."""
        return SmsTemplate.objects.filter(id=self.written.template).first() if self.written.template else None

    @property
    def templates(self) -> list[SmsTemplate]:
        """To choose from without a script."""
        return list(SmsTemplate.objects.active().only("id", "name")[:MOST_LISTED])

    @property
    def has_templates(self) -> bool:
        """Whether the form takes one."""
        return self.form is not None and "template" in self.form.fields

    @property
    def may_save_new(self) -> bool:
        """Whether this person makes templates."""
        return self.has_templates and self.user.has_perm("campaigns.add_smstemplate")

    @property
    def may_change(self) -> bool:
        """Whether this person changes templates."""
        return self.has_templates and self.user.has_perm("campaigns.change_smstemplate")

