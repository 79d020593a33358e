"""What received words do: rules that administrators write, and the wording of what is answered by itself."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.template import LANGUAGES
from smsapp.common.models import Timestamped


class KeywordRuleQuerySet(models.QuerySet["KeywordRule"]):
    """Words for choosing rules."""

    def in_use(self, provider_id: int) -> "KeywordRuleQuerySet":
        """Those that are followed for texts which came through this provider, in their order."""
        return self.filter(models.Q(provider=None) | models.Q(provider=provider_id), active=True).order_by("position", "id")


class KeywordRule(Timestamped):
    """A received text that consists of one of these words, or whose first line does, has this effect.

    Rules come before the built-in words, but a built-in STOP stays one (campaigns.services.replies).
    """

    class Action(models.TextChoices):
        OPT_OUT = "opt_out", _("opt out: no more texts to the number")
        OPT_IN = "opt_in", _("opt in: texts are welcome again")
        HELP = "help", _("answer with the help text")
        JOIN = "join", _("join a group")
        LEAVE = "leave", _("leave a group")
        REPLY = "reply", _("answer automatically")
        NOTIFY = "notify", _("give it to a member of staff")
        REVIEW = "review", _("let a person decide whether it means stop")

    position = models.PositiveIntegerField(_("order"), default=10, help_text=_("Rules are asked from the smallest number on; the first that fits decides."))
    active = models.BooleanField(_("in use"), default=True)
    provider = models.ForeignKey(
        "providers.Provider", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("provider"),
        help_text=_("Only for texts that come through this one. Empty: all."),
    )  # fmt: skip
    words = models.JSONField(_("words"), default=list)
    language = models.CharField(
        _("language"), max_length=2, blank=True, choices=LANGUAGES, help_text=_("Of these words: people of whom no language is known are answered in it.")
    )
    action = models.CharField(_("what it does"), max_length=8, choices=Action)
    group = models.ForeignKey("contacts.Group", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("group"))
    notify = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("member of staff"),
        help_text=_("The conversation is assigned to this person."),
    )  # fmt: skip
    reply = models.TextField(
        _("answer"), blank=True, max_length=480,
        help_text=_("Sent once an hour to a number at most. Tokens of the person and of the organisation are filled in. Empty: no answer of its own."),
    )  # fmt: skip
    is_question = models.BooleanField(
        _("the answer asks whether they agree"), default=False, db_default=False,
        help_text=_("It takes effect once they answer YES within seven days; the answer that they agreed to goes into the consent ledger."),
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("Why the rule is there, for those who ask later."))

    objects = KeywordRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("keyword rule")
        verbose_name_plural = _("keyword rules")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return ", ".join(map(str, self.words))


class AutomaticText(models.Model):
    """How an automatic answer is worded in a language; without a row as campaigns.automatic_texts says."""

    class Event(models.TextChoices):
        STOP = "stop", _("after STOP: that no more texts come")
        START = "start", _("after START: that texts come again")
        HELP = "help", _("after HELP: who we are and how to stop")

    event = models.CharField(_("when"), max_length=8, choices=Event)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    text = models.TextField(_("text"), max_length=480, help_text=_("Tokens of the organisation are filled in, for example {organisation.name}."))

    class Meta:
        verbose_name = _("automatic text")
        verbose_name_plural = _("automatic texts")
        ordering = ["event", "language"]
        constraints = [models.UniqueConstraint(fields=["event", "language"], name="automatic_text_once")]

    def __str__(self) -> str:
        return f"{self.get_event_display()}, {self.get_language_display()}"
