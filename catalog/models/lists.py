"""How people want the dashboard's lists."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class ListChoice(models.Model):
    """What a user chose for a list: the columns to show, and how many rows a page has."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40, help_text="Of the list.")
    columns = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    rows = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="list_choice_once")]

    def __str__(self) -> str:
        return self.name
