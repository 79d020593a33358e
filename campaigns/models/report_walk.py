"""How far gateways were asked about texts without a report."""

from django.db import models


class ReportWalk(models.Model):
    """One for each age at which texts are asked about: up to which line of the histories, which come in the order in which texts left."""

    minutes = models.PositiveIntegerField(primary_key=True)  # the age
    up_to = models.BigIntegerField()  # id of an activity

    def __str__(self) -> str:
        return f"{self.minutes} min: {self.up_to}"
