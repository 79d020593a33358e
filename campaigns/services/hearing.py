"""What a received text is taken for: a rule that administrators wrote, else the built-in words. A built-in STOP stays one whatever rules say."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models.functions import Now

from campaigns import keywords
from campaigns.models import InboundMessage, KeywordRule, OptInQuestion

OPEN_FOR = timedelta(days=7)  # how long a question waits for a yes

Action = InboundMessage.Action


@dataclass(frozen=True, slots=True)
class Heard:
    """What to do, the word that said so and its language, the rule where one did, and the question that a yes answers."""

    action: str
    keyword: str = ""
    language: str = ""
    rule: KeywordRule | None = None
    question: OptInQuestion | None = None


def hear(row: InboundMessage) -> Heard:
    """What a stored text asks for."""
    built_in = keywords.understand(row.text)
    rules = list(KeywordRule.objects.in_use(row.provider_id).select_related("group", "notify"))
    found = keywords.first_match(row.text, rules)
    stops = built_in.action is keywords.Action.OPT_OUT
    if found and (not stops or found[0].action == Action.OPT_OUT):
        rule, word = found
        return Heard(rule.action, word[:60], rule.language, rule)
    if built_in.action is keywords.Action.CONFIRM:
        question = open_question(row.number)
        return Heard(Action.CONFIRM, built_in.word, built_in.language, question=question) if question else Heard(Action.NONE)
    return Heard(built_in.action, built_in.word, built_in.language)


def open_question(number: str) -> OptInQuestion | None:
    """The last one that the number was asked and did not answer."""
    waiting = OptInQuestion.objects.filter(number=number, answered_at__isnull=True, asked_at__gt=Now() - OPEN_FOR)
    return waiting.select_related("rule", "rule__group").order_by("-id").first()
