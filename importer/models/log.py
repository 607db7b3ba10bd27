"""Where the log of a network begins."""

from django.db import models


class LogStart(models.Model):
    """The log of a network was deleted: its lines up to this event are shown no more."""

    network = models.CharField(max_length=30, primary_key=True)
    after_event = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.network}: after {self.after_event}"
