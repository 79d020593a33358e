"""One import of a file: what was chosen, how far it is, what came of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from smsapp.common.models import Timestamped


class ImportJob(Timestamped):
    """A file on its way in. `mapping` is {column index: field}, `report` the object that --json prints."""

    class State(models.TextChoices):
        MAPPING = "mapping", _("Columns to check")
        CHECKING = "checking", _("Checking")
        CHECKED = "checked", _("Checked")
        RUNNING = "running", _("Importing")
        FINISHED = "finished", _("Finished")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    class MatchBy(models.TextChoices):
        ANY = "any", _("external id, then e-mail, then number")
        EXTERNAL_ID = "external_id", _("external id only")
        EMAIL = "email", _("e-mail only")
        NUMBER = "number", _("number only")

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("author"))
    file_name = models.CharField(_("file"), max_length=200)
    path = models.CharField(max_length=300)  # below MEDIA_ROOT
    dialect = models.JSONField(default=dict)  # how the file is written: encoding and separator, or the sheet
    region = models.CharField(_("default region"), max_length=2, default="FR")
    mapping = models.JSONField(default=dict)
    group_ids = models.JSONField(default=list)  # groups that every imported person joins
    tags = models.JSONField(default=list)  # tags that every imported person gets
    match_by = models.CharField(_("people are found by"), max_length=12, choices=MatchBy, default=MatchBy.ANY)
    empty_marker = models.CharField(_("marker of an emptied field"), max_length=20, blank=True)  # a cell with it clears the field; empty cells change nothing
    consent_source = models.CharField(_("source of consent"), max_length=200, blank=True)  # where they agreed; empty: the file brings no consent
    consent_wording = models.TextField(_("wording"), blank=True)  # what they agreed to
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.MAPPING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.file_name
