"""One export: what was chosen, how far it is, the file that came of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from smsapp.common.models import Timestamped
from smsapp.common.sentences import retold


class ExportJob(Timestamped):
    """A file on its way out. `selection` is what was posted ({name: [values]}), as `source` reads it; `columns` the chosen ones in order."""

    class Format(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("Excel (XLSX)")

    class Separator(models.TextChoices):
        COMMA = ",", _("Comma")
        SEMICOLON = ";", _("Semicolon")
        TAB = "\t", _("Tab")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Writing")
        FINISHED = "finished", _("Finished")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("author"))
    language = models.CharField(max_length=2, default="en")  # of the heads and words in the file
    separator = models.CharField(_("separator"), max_length=1, default=",", choices=Separator)  # between the cells of CSV
    format = models.CharField(_("format"), max_length=4, choices=Format, default=Format.CSV)
    source = models.CharField(max_length=20, blank=True, default="", db_default="")  # of contacts.exporting.sources; empty: contacts
    selection = models.JSONField(default=dict)
    described = models.CharField(max_length=300, blank=True)  # the selection in words, in the language of the file
    described_in = models.JSONField(default=dict, db_default={})  # the same by language, for readers
    columns = models.JSONField(default=list)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    path = models.CharField(max_length=300, blank=True)  # below MEDIA_ROOT; empty once the file was removed
    size = models.PositiveBigIntegerField(default=0)  # bytes
    tries = models.PositiveSmallIntegerField(default=0)  # how often a worker has begun it
    problem = models.CharField(max_length=300, blank=True)
    problem_in = models.JSONField(default=dict, db_default={})  # as smsapp.common.sentences keeps it
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        permissions = [("export_everything", "Can export all contacts at once")]

    def __str__(self) -> str:
        return f"export {self.pk}"

    @property
    def title(self) -> str:
        """The selection in words, for who reads it now."""
        return retold(self.described_in) or self.described

    @property
    def trouble(self) -> str:
        """Why there is no file, for who reads it now."""
        return retold(self.problem_in) or self.problem
