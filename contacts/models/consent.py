"""The consent ledger: every opt-in and opt-out, appended and never changed."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

TITLES = {
    "opt_in_marketing": _("Agreed to marketing texts"),
    "opt_out_marketing": _("Opted out of marketing texts"),
    "opt_in_all": _("Agreed to texts"),
    "opt_out_all": _("Wants no texts at all"),
    "lifted_marketing": _("Block of marketing texts taken back"),
    "lifted_all": _("Block of all texts taken back"),
}


class ConsentEntry(models.Model):
    """Who agreed to what, or took it back: number, person, source, wording, time, message, by whom. `contacts.services.consent` appends.

    A trigger of the database refuses to change or delete entries, but for what `contacts.services.consent_erasure` does. Loose references, so
    that an entry outlives contact, message and user. `own_act` says that the recipient did it (a STOP, a link, a form), which no import and no
    merge overrules.
    """

    class Event(models.TextChoices):
        OPT_IN = "opt_in", _("Opt-in")
        OPT_OUT = "opt_out", _("Opt-out")
        LIFTED = "lifted", _("Block taken back")  # staff undid what staff or a file had set: nobody agreed to anything

    class Scope(models.TextChoices):
        MARKETING = "marketing", _("Marketing texts")
        ALL = "all", _("All texts")

    class Source(models.TextChoices):
        STAFF = "staff", _("entered by staff")
        IMPORT = "import", _("import")
        REPLY = "reply", _("reply by text")
        GATEWAY = "gateway", _("gateway")
        LINK = "link", _("opt-out link")
        FORM = "form", _("form or paper")
        MERGE = "merge", _("merge of two contacts")

    contact = models.ForeignKey("contacts.Contact", models.DO_NOTHING, null=True, blank=True, db_constraint=False, db_index=False, related_name="consents")
    number = models.CharField(_("number"), max_length=16, blank=True)
    event = models.CharField(_("event"), max_length=7, choices=Event)
    scope = models.CharField(_("scope"), max_length=9, choices=Scope, default=Scope.MARKETING)
    source = models.CharField(_("source"), max_length=7, choices=Source)
    own_act = models.BooleanField(_("by the recipient"), default=False)
    wording = models.TextField(_("wording"), blank=True)  # what the person read and agreed to, or wrote
    details = models.CharField(_("details"), max_length=300, blank=True)  # file, form or page, place
    at = models.DateTimeField(_("date"))  # when the person said so; on a paper form that may be long before it was recorded
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now(), editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, blank=True, db_constraint=False, db_index=False, related_name="+", verbose_name=_("author")
    )
    message = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("consent entry")
        verbose_name_plural = _("consent ledger")
        indexes = [
            models.Index(fields=["contact", "-id"], name="consent_of_contact"),
            models.Index(fields=["number", "-id"], condition=~models.Q(number=""), name="consent_of_number"),  # what holds for a re-imported number
            # the list for audits: of one source, of some days (rows come in order of time)
            models.Index(fields=["source", "-id"], name="consent_by_source"),
            BrinIndex(fields=["recorded_at"], autosummarize=True, name="consent_recorded"),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()}: {self.number}"

    @property
    def title(self) -> Any:
        """Event and scope in words."""
        return TITLES[f"{self.event}_{self.scope}"]
