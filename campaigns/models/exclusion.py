"""People whom preparation left out."""

from django.db import models


class Exclusion(models.Model):
    """A contact of the audience that gets no message, and why."""

    mailing = models.ForeignKey("campaigns.Mailing", models.CASCADE, db_constraint=False, db_index=False, related_name="exclusions")
    contact = models.ForeignKey("contacts.Contact", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    number = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailing", "contact"], name="excluded_once")]
        indexes = [models.Index(fields=["mailing", "reason", "contact"], name="exclusions_by_reason")]  # counts and the people behind them

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.reason}"
