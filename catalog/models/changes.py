"""What tells caches that the catalogue is not what it was."""

from django.db import models


class CatalogueChange(models.Model):
    """A transaction that wrote to the catalogue. Triggers fill the table (`catalog.site.generation`)."""

    transaction = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.transaction)
