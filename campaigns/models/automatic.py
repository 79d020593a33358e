"""What was answered by itself, so that nobody is answered twice; questions that wait for a yes; and who answered a series."""

from django.db import models
from django.db.models.functions import Now


class AutomaticReply(models.Model):
    """An automatic answer to a number: at most one an hour for each rule (`cause`)."""

    number = models.CharField(max_length=16)
    cause = models.CharField(max_length=24)  # stop, start, help; of a rule "rule 12"
    inbound = models.BigIntegerField()  # the received text that it answers
    message = models.BigIntegerField(unique=True)
    suppression = models.BigIntegerField(null=True)  # the block that this text alone may pass: it confirms it
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["number", "cause", "-at"], name="automatic_of_number")]

    def __str__(self) -> str:
        return f"{self.cause} to {self.number}"


class OptInQuestion(models.Model):
    """Somebody was asked whether they want texts: a YES from the number is the answer, as long as the question is open."""

    number = models.CharField(max_length=16)
    wording = models.TextField()  # what they read
    rule = models.ForeignKey("campaigns.KeywordRule", models.SET_NULL, null=True, related_name="+")
    message = models.BigIntegerField()
    asked_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["number", "-id"], condition=models.Q(answered_at__isnull=True), name="question_of_number")]

    def __str__(self) -> str:
        return f"question to {self.number}"


class SeriesStop(models.Model):
    """The owner of a number answered a series, or opted out: what was queued of it before is not sent any more."""

    number = models.CharField(max_length=16)
    series = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number", "series"], name="series_stopped_once")]

    def __str__(self) -> str:
        return f"{self.series}: {self.number}"
