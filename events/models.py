"""The outbox: what changed, written in the transaction that changed it (`events.record`)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Event(models.Model):
    """One change, or one kind of change to many things alike.

    `subjects` are keys ("product:12"). `before` and `after` hold only what differs; of several subjects, a
    list has one value for each, in their order. Rows are added and trimmed, never changed.
    """

    kind = models.CharField(max_length=40, help_text="A value of `events.kinds.Kind`.")
    subjects = ArrayField(models.TextField())
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    sources = ArrayField(
        models.CharField(max_length=30), default=list, help_text="The networks whose log it belongs to."
    )
    actor = models.CharField(max_length=80, blank=True, help_text='"user:5", "feed:3", "command:connect".')
    run = models.BigIntegerField(null=True, help_text="The import run that did it.")
    is_line = models.BooleanField(help_text="A person wants to read it: not one of the many rows of a run.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["-id"], name="event_lines", condition=models.Q(is_line=True))]

    def __str__(self) -> str:
        return f"{self.kind} {', '.join(self.subjects[:3])}"

    @property
    def subject(self) -> str:
        """The key of the thing that changed; of many, the first."""
        return self.subjects[0]


class Reader(models.Model):
    """How far somebody has read (`events.readers`)."""

    name = models.CharField(max_length=40, primary_key=True)
    position = models.BigIntegerField(default=0, help_text="The id of the last event that was read.")
    # No event up to `mark` can still appear once no transaction before `mark_transaction` is under way.
    mark = models.BigIntegerField(default=0)
    mark_transaction = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
