"""A keyword rule and the wording of automatic texts, as administrators write them."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from campaigns import keywords, tokens, vocabulary
from campaigns.models import AutomaticText, KeywordRule
from providers.charset import normalise
from providers.models import Provider
from providers.segments import measure
from smsapp.common.forms import HouseForm

Action = KeywordRule.Action
MOST_WORDS, LONGEST = 30, 60
OF_GROUPS = (Action.JOIN, Action.LEAVE)
MAY_ASK = (Action.OPT_IN, Action.JOIN, Action.REPLY)


class WordsField(forms.CharField):
    """One a line, or apart by commas."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        found: dict[str, str] = {}
        for word in filter(None, map(str.strip, re.split(r"[\n,;]", super().clean(value) or ""))):
            found.setdefault(keywords.normalise(word), word)
        words = list(found.values())
        if "" in found:
            raise ValidationError(_("“%(word)s” has no letter and no digit. A keyword needs one."), params={"word": found[""][:20]})
        if len(words) > MOST_WORDS or any(len(word) > LONGEST for word in words):
            raise ValidationError(_("At most 30 words or phrases, of at most 60 characters each."))
        return words

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial or []) != (data or "")


def check_answer(text: str, provider: Provider | None) -> None:
    """Raise a ValidationError: unknown tokens, or more segments than a gateway allows."""
    if problems := vocabulary.check(text):
        raise ValidationError(problems[0].message)
    if tokens.OPT_OUT_LINK in tokens.find(text):
        raise ValidationError(_("Whoever writes to us can answer STOP. Leave the opt-out link out."))
    segments = measure(normalise(text)).segments
    for gateway in [provider] if provider else Provider.objects.active():
        if segments > gateway.max_segments:
            facts = {"segments": segments, "provider": gateway, "most": gateway.max_segments}
            raise ValidationError(_("The text has %(segments)d segments; %(provider)s allows %(most)d. Shorten it."), params=facts)


class KeywordRuleForm(HouseForm, forms.ModelForm):
    """Words, what they do, and what is answered."""

    asks = {"words": _("Write at least one word."), "action": _("Choose what the words do.")}

    words = WordsField(
        label=_("Words"),
        help_text=_("One a line, or apart by commas. The whole text or its first line must be the word; "
                    "capitals, accents and punctuation around it do not matter."),
    )  # fmt: skip

    class Meta:
        model = KeywordRule
        fields = ("position", "active", "provider", "words", "language", "action", "group", "notify", "reply", "is_question", "note")

    def clean(self) -> dict[str, Any]:
        """Each action has what it needs, and nobody takes STOP away."""
        values = super().clean() or self.cleaned_data
        action, reply = values.get("action"), (values.get("reply") or "").strip()
        self._check_stop(action, values.get("words") or [])
        self._check_needs(action, values, reply)
        if reply:
            try:
                check_answer(reply, values.get("provider"))
            except ValidationError as problem:
                self.add_error("reply", problem)
        return values

    def _check_stop(self, action: str | None, words: list[str]) -> None:
        taken = [word for word in words if keywords.normalise(word) in keywords.OPT_OUT_WORDS]
        if taken and action and action != Action.OPT_OUT:
            said = _("“%(word)s” always means that no more texts may come. Choose “opt out” for it, or leave the word out.")
            self.add_error("words", ValidationError(said, params={"word": taken[0]}))

    def _check_needs(self, action: str | None, values: dict[str, Any], reply: str) -> None:
        if action in OF_GROUPS and not values.get("group"):
            self.add_error("group", _("Choose the group that people join or leave."))
        if action and action not in OF_GROUPS and values.get("group"):
            self.add_error("group", _("A group belongs to joining and leaving only. Leave it empty."))
        if action == Action.NOTIFY and not values.get("notify"):
            self.add_error("notify", _("Choose who gets the conversation."))
        if action == Action.REPLY and not reply:
            self.add_error("reply", _("Write what is answered."))
        if values.get("is_question") and action and action not in MAY_ASK:
            self.add_error("is_question", _("Only an answer about opting in, joining a group, or nothing else can ask for a yes."))
        if values.get("is_question") and not reply:
            self.add_error("reply", _("Write the question, and that YES is the answer."))


class AutomaticTextForm(HouseForm, forms.ModelForm):
    """The words of one event in one language."""

    asks = {"text": _("Write what is answered.")}

    class Meta:
        model = AutomaticText
        fields = ("text",)

    def clean_text(self) -> str:
        """With tokens that there are, in as many segments as every gateway allows."""
        text = str(self.cleaned_data["text"]).strip()
        check_answer(text, None)
        return text
