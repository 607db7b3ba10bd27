"""What visitors filter by beside brand and shop: properties of products that the site made a filter."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class FacetValue(models.Model):
    """A value of a property, as addresses and products name it (`slug`) and as visitors read it (`label`)."""

    key = models.CharField(max_length=200)
    slug = models.CharField(max_length=40)
    label = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "slug"], name="facetvalue_once")]

    def __str__(self) -> str:
        return self.label


class StaleFacets(models.Model):
    """Products whose properties are to be read again: triggers note them, a worker takes them away."""

    product_ids = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return f"{len(self.product_ids)} products"
