"""Categories (a tree) and brands."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from catalog.models.words import search_vector


class Category(models.Model):
    """A category of the site's own; imports only ever get the ones a person chose."""

    # Where it stands in its tree: set by those who read the whole tree (`catalog.queries.categories`).
    depth: int
    above: "Category | None"
    below: "Category | None"

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children"
    )
    position = models.PositiveIntegerField(default=0)
    # Keys of properties, of those that may be a filter; empty: those of the category above.
    facets = ArrayField(models.CharField(max_length=200), default=list, db_default=[], blank=True)

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "categories"
        indexes = [GinIndex(search_vector("name"), name="category_search")]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                "parent",
                name="category_name_once_per_parent",
                nulls_distinct=False,
                violation_error_message="There is a category of this name here already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("public:category", args=[self.slug])


class CategoryRedirect(models.Model):
    """An address of a category that was merged into another: it leads there (301)."""

    slug = models.SlugField(max_length=140, primary_key=True)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="old_slugs")

    def __str__(self) -> str:
        return self.slug


class Brand(models.Model):
    """A maker's name, matched without regard to case."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True)

    class Meta:
        ordering = ["name"]
        indexes = [GinIndex(search_vector("name"), name="brand_search")]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="brand_name_once",
                violation_error_message="There is a brand of this name already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("public:brand", args=[self.slug])


class BrandAlias(models.Model):
    """The name and address of a brand that became part of another: links and imports that know only these
    find the other one."""

    slug = models.SlugField(max_length=140, primary_key=True)
    name = models.CharField(max_length=120)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="aliases")
    merged_id = models.BigIntegerField(unique=True, null=True, help_text="The id that the brand had.")

    def __str__(self) -> str:
        return self.name
