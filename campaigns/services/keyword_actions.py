"""Do what a received text asks for, in the transaction that stores it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from campaigns.models import Conversation, InboundMessage, KeywordRule
from campaigns.services import automatic_replies
from campaigns.services.hearing import Heard
from contacts.models import ConsentEntry, Suppression
from contacts.services import consent, groups, opt_outs
from contacts.services.opt_outs import Said
from providers.models import Provider

Action = InboundMessage.Action


@dataclass(frozen=True, slots=True)
class Occasion:
    """A received text, its thread, what it was taken for, and the gateway that it came through."""

    row: InboundMessage
    thread: Conversation
    heard: Heard
    provider: Provider
    by: Any = None  # who decided that it means stop, where a person did

    @property
    def said(self) -> Said:
        """For the ledger."""
        return Said(
            self.row.number, self.row.contact, ConsentEntry.Source.REPLY, wording=self.row.text[:1_000], details=self.provider.name,
            message=self.row.answers_id, author=self.by,
        )  # fmt: skip

    def answer(self, cause: str, *, block: Suppression | None = None) -> None:
        """With the rule's words where it has some, else with the organisation's."""
        automatic_replies.answer(self.row, self.provider, cause, self.heard, block=block)


def obey(row: InboundMessage, thread: Conversation, heard: Heard, provider: Provider) -> bool:
    """Whether the text is settled: everything that it asked for was done, and nobody needs to read it. The caller saves the thread."""
    row.action, row.keyword, row.rule = heard.action, heard.keyword, heard.rule
    row.save(update_fields=["action", "keyword", "rule"])
    act = ACTS.get(heard.action)
    return act(Occasion(row, thread, heard, provider)) if act else False


def opt_out(told: Occasion) -> bool:
    """No more texts to the number, confirmed once. A name or a short code cannot be texted anyway."""
    if not _is_number(told):
        return False
    _decide_waiting(told)
    block = opt_outs.opt_out(told.said)
    if block:
        told.answer(automatic_replies.STOP, block=block)
    return True


def opt_in(told: Occasion) -> bool:
    """Texts are welcome again: what the number's owner blocked ends, what staff blocked does not."""
    if not _is_number(told):
        return False
    if _is_asked(told):
        return True
    if opt_outs.take_back(told.said, because=told.row.text) or _rule(told).reply:
        told.answer(automatic_replies.START)
    return True


def confirm(told: Occasion) -> bool:
    """A yes to a question: the consent, with the words that were agreed to, and what the question's rule does."""
    question = told.heard.question
    if question is None:
        return False
    question.answered_at = timezone.now()
    question.save(update_fields=["answered_at"])
    facts: dict[str, Any] = {"source": ConsentEntry.Source.REPLY, "wording": question.wording, "number": told.row.number, "message": question.message}
    details = f"{told.provider.name}: {told.row.text[:100]}"
    if told.row.contact:
        consent.opt_in(told.row.contact, own_act=True, details=details, **facts)
    else:
        consent.record(None, event=ConsentEntry.Event.OPT_IN, own_act=True, details=details, **facts)
    rule = question.rule
    if rule and rule.action == Action.OPT_IN:
        opt_outs.take_back(told.said, because=told.row.text)
    return _change_group(told, rule) if rule and rule.action in (Action.JOIN, Action.LEAVE) else True


def ask_for_help(told: Occasion) -> bool:
    """Who we are and how to stop."""
    told.answer(automatic_replies.HELP)
    return True


def change_group(told: Occasion) -> bool:
    """Join or leave the rule's group; whoever is no contact cannot, and staff see the text."""
    if _is_asked(told):
        return True
    done = _change_group(told, _rule(told))
    if done:
        told.answer(automatic_replies.RULE)
    return done


def _change_group(told: Occasion, rule: KeywordRule) -> bool:
    contact = told.row.contact
    if contact is None or rule.group is None:
        return False
    change = groups.add_members if rule.action == Action.JOIN else groups.remove_members
    change(rule.group, [contact.pk])
    return True


def reply(told: Occasion) -> bool:
    """The rule's words."""
    if not _is_asked(told):
        told.answer(automatic_replies.RULE)
    return True


def notify(told: Occasion) -> bool:
    """The conversation is for somebody in particular."""
    told.thread.assigned_to = _rule(told).notify or told.thread.assigned_to
    told.answer(automatic_replies.RULE)
    return False


def review(told: Occasion) -> bool:
    """A person decides; meanwhile no marketing goes to the number."""
    told.row.review = InboundMessage.Review.WAITING
    told.row.save(update_fields=["review"])
    told.thread.needs_review = True
    return False


def _decide_waiting(told: Occasion) -> None:
    """Earlier texts that may have meant stop: now the same person has said so."""
    facts = {"review": InboundMessage.Review.STOP, "reviewed_at": timezone.now()}
    InboundMessage.objects.waiting().filter(conversation=told.thread).update(**facts)
    told.thread.needs_review = False


def _is_number(told: Occasion) -> bool:
    return told.row.number.startswith("+")


def _rule(told: Occasion) -> KeywordRule:
    """An empty one for a built-in word."""
    return told.heard.rule or KeywordRule()


def _is_asked(told: Occasion) -> bool:
    """Whether the rule asks first: it takes effect with the yes."""
    if not _rule(told).is_question:
        return False
    automatic_replies.ask(told.row, told.provider, told.heard)
    return True


ACTS: dict[str, Callable[[Occasion], bool]] = {
    Action.OPT_OUT: opt_out,
    Action.OPT_IN: opt_in,
    Action.CONFIRM: confirm,
    Action.HELP: ask_for_help,
    Action.JOIN: change_group,
    Action.LEAVE: change_group,
    Action.REPLY: reply,
    Action.NOTIFY: notify,
    Action.REVIEW: review,
}
