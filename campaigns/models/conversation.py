"""The thread of a number: what its owner wrote and what we wrote, who looks after it, and notes that only staff read."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models.folding import folded


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Words for choosing threads."""

    def in_review(self) -> "ConversationQuerySet":
        """Those with a text of which a person must say whether it means stop."""
        return self.filter(needs_review=True)


class Conversation(models.Model):
    """One thread for each number that wrote to us: E.164, or a name or short code as it came.

    The row is what lists are made of; the lines are received texts (`InboundMessage.conversation`) and texts to the number, which
    campaigns.inbox.threads reads together. campaigns.services.replies writes it in the transaction that accepts a text, holding the row:
    whoever changes it elsewhere does too, or changes single columns.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("conversation", "Open")
        DONE = "done", pgettext_lazy("conversation", "Done")

    number = models.CharField(_("number"), max_length=20, unique=True)
    contact = models.ForeignKey("contacts.Contact", models.DO_NOTHING, null=True, blank=True, db_constraint=False, db_index=False, related_name="+")
    last_at = models.DateTimeField(_("last text"))  # of the last text that was received, or written as an answer
    last_text = models.CharField(max_length=160, blank=True)  # how it begins
    last_is_ours = models.BooleanField(default=False, db_default=False)
    unread = models.PositiveIntegerField(_("unread"), default=0)  # received texts since somebody read the thread
    state = models.CharField(_("state"), max_length=4, choices=State, default=State.OPEN)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    needs_review = models.BooleanField(default=False, db_default=False)  # the texts are InboundMessage.objects.waiting(); meanwhile no marketing goes there

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        indexes = [
            models.Index(fields=["state", "-last_at", "-id"], name="conversation_list"),  # open or done, newest first, page by page
            models.Index(fields=["assigned_to", "state", "-last_at", "-id"], name="conversation_assigned", condition=Q(assigned_to__isnull=False)),
            models.Index(fields=["-last_at", "-id"], name="conversation_unread", condition=Q(unread__gt=0)),
            models.Index(fields=["-last_at", "-id"], name="conversation_unknown", condition=Q(contact__isnull=True, state="open")),
            GinIndex(fields=["number"], opclasses=["gin_trgm_ops"], name="conversation_number_trgm"),  # search by a part of it, and by words
            GinIndex(OpClass(folded("last_text"), name="gin_trgm_ops"), name="conversation_text_trgm"),
            models.Index(fields=["number"], name="conversation_in_review", condition=Q(needs_review=True)),  # asked of every marketing text
            models.Index(fields=["contact"], name="conversation_of_contact", condition=Q(contact__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def person(self) -> Any:
        """The contact, as long as there is one; None for somebody unknown, deleted or erased. Select `contact` with the thread."""
        return self.contact if self.contact and self.contact.deleted_at is None else None


class ConversationNote(models.Model):
    """What staff write to each other beside a thread; nobody else reads it."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="notes", db_index=False)
    text = models.TextField(_("note"), max_length=2_000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("internal note")
        verbose_name_plural = _("internal notes")
        indexes = [models.Index(fields=["conversation", "-id"], name="note_of_conversation")]

    def __str__(self) -> str:
        return f"note {self.pk}"
