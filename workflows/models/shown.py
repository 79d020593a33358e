"""What somebody has chosen to see."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class ShownColumns(models.Model):
    """The columns of the list of marketing activities that somebody ticked: keys of workflows.activities.columns."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    keys: "ArrayField[list[str], list[str]]" = ArrayField(models.CharField(max_length=20))

    def __str__(self) -> str:
        return f"{self.user_id}: {', '.join(self.keys)}"
