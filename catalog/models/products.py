"""Product posts and their pictures."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from catalog.models.reduction import is_reduced_at
from catalog.models.words import search_vector
from catalog.pictures.links import proxy_url


class WithoutSearch(models.Manager):
    """Leave the search column in the database: only PostgreSQL reads it."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().defer("search")


class Product(models.Model):
    """A post about one article, with the offers of one or more shops.

    `imported` is what the feed says now, per field; `provenance` what else is to be said of a field: what the
    feed said when it was last adopted, who wrote what stands there, a lock (`catalog.lib.provenance`).
    `policies` go before those of the account (`catalog.lib.merge`, `catalog.lib.gone`).

    What follows from the offers is kept here too, so that lists sort and filter without joining
    (`catalog.services.refresh_prices`): `lowest_price` and `currency` of the leading offer, `offer_count`,
    `is_available`, `shop_ids`, whether another offer costs less than the leading one (`has_cheaper_offer`),
    and the price reduction that our log proves, which ends by itself at `reduced_until`. `category_ids`
    follows from `categories`: a trigger of the database keeps it.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        TRASHED = "trashed", "Trashed"

    title = models.CharField(max_length=300)
    slug = models.SlugField(max_length=140, db_index=False)
    description = models.TextField(blank=True, help_text="Clean HTML.")
    brand = models.ForeignKey(
        "catalog.Brand", on_delete=models.SET_NULL, null=True, blank=True, related_name="products"
    )
    categories = models.ManyToManyField("catalog.Category", blank=True, related_name="products")
    gtin = models.CharField("EAN", max_length=14, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)
    publish_at = models.DateTimeField("publish on", null=True, blank=True)
    # Part of the preview links that were given out; emptied by every change of status, which ends them.
    preview_key = models.CharField(max_length=22, blank=True, default="", db_default="", editable=False)
    meta_title = models.CharField(
        "title for search engines", max_length=120, blank=True, default="", db_default=""
    )
    meta_description = models.CharField(
        "description for search engines", max_length=320, blank=True, default="", db_default=""
    )
    # What the editors think of it. Their words, and marked as theirs: no rating, no customer's.
    verdict = models.TextField("verdict", blank=True, default="", db_default="")
    pros = models.TextField(blank=True, default="", db_default="", help_text="One a line.")
    cons = models.TextField(blank=True, default="", db_default="", help_text="One a line.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # In the trash because its offers went to another product: who looks for it is led there.
    joined_into = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="joined_from",
        editable=False,
        db_index=False,  # only the few rows that have one
    )
    imported = models.JSONField(default=dict, blank=True)
    provenance = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    moved_fields = ArrayField(
        models.CharField(max_length=20),
        default=list,
        db_default=[],
        blank=True,
        editable=False,
        help_text="Edited, and the feed says something else since. Follows from `provenance`.",
    )
    policies = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    status_before_gone = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="Before a policy changed it as its last offer went; other changes empty it.",
    )
    attributes = models.JSONField(default=dict, blank=True)
    lowest_price = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    offer_count = models.PositiveIntegerField(default=0)
    is_available = models.BooleanField(default=False)
    has_cheaper_offer = models.BooleanField(default=False, db_default=False, editable=False)
    shop_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    category_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    facet_values = ArrayField(
        models.CharField(max_length=250),
        default=list,
        db_default=[],
        blank=True,
        editable=False,
        help_text="What it is filtered by, as `colour=red`. A worker keeps it (`services.refresh_facets`).",
    )
    prior_price = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    reduced_percent = models.PositiveSmallIntegerField(default=0)
    reduced_until = models.DateTimeField(null=True, blank=True)
    search = models.GeneratedField(
        expression=search_vector("title"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = WithoutSearch()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            # Not `unique=True`: that adds a second index for LIKE, which every import would have to write.
            models.UniqueConstraint(fields=["slug"], name="product_slug_once"),
            # Two runs that meet the same article at once: one creates it, the other joins.
            models.UniqueConstraint(
                fields=["gtin"],
                condition=~models.Q(gtin=""),
                name="product_gtin_once",
                violation_error_message="Another product has this EAN.",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-created_at", "-id"], name="product_status_newest"),
            # With the status: far pages of the list skip their rows without reading them.
            models.Index(fields=["-created_at", "-id"], include=["status"], name="product_newest_by_status"),
            models.Index(fields=["lowest_price"], name="product_lowest_price"),
            models.Index(fields=["-published_at", "-id"], name="product_published_newest"),
            models.Index(
                fields=["publish_at"],
                condition=models.Q(publish_at__isnull=False),
                name="product_to_be_published",
            ),
            models.Index(
                fields=["joined_into"],
                condition=models.Q(joined_into__isnull=False),
                name="product_joined_into",
            ),
            # A handful among many: what the list shows as "feed moved under an edit".
            models.Index(
                fields=["-created_at", "-id"], name="product_moved", condition=~models.Q(moved_fields=[])
            ),
            GinIndex(fields=["search"], name="product_search", fastupdate=False),
            GinIndex(fields=["shop_ids"], name="product_shops"),
            GinIndex(fields=["category_ids"], name="product_categories"),
            # Nothing to write for an import: a product comes without.
            GinIndex(fields=["facet_values"], name="product_facets", condition=~models.Q(facet_values=[])),
            # A fair sample (`catalog.public.facets`), with all that is asked of it: the rows are never read.
            models.Index(
                models.Func("id", function="hashint8"),
                name="product_sample",
                include=[
                    *("id", "brand", "shop_ids", "category_ids", "lowest_price", "currency"),
                    *("is_available", "reduced_until", "status", "published_at"),
                ],
                condition=models.Q(status="published", published_at__isnull=False),
            ),
            # A handful among many: what is reduced at the moment.
            models.Index(
                fields=["-reduced_percent", "-id"],
                name="product_reduced_most",
                condition=models.Q(reduced_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("public:product", args=[self.slug])

    @property
    def is_reduced(self) -> bool:
        """Whether our price log proves a reduction now, and it can be had."""
        return is_reduced_at(self, timezone.now())

    @property
    def pros_list(self) -> list[str]:
        return self.pros.splitlines()

    @property
    def cons_list(self) -> list[str]:
        return self.cons.splitlines()

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED


class ProductImage(models.Model):
    """A picture of a product; the one at position 0 is the main picture.

    A waiting picture is due at `try_at`; `tries` counts the attempts, and `reason` says in words what came of
    the last one. Workers look for what is due by host, so that no host gets too many requests at once.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"  # to be copied to our storage
        STORED = "stored", "Copied"
        FAILED = "failed", "Failed"
        LINKED = "linked", "Linked"  # not copied: shown through our proxy

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="images", db_index=False
    )  # the gallery's index serves
    source_url = models.CharField(max_length=2000, blank=True)
    host = models.CharField(max_length=255, blank=True, help_text="Of the source, without port.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    stored = models.ForeignKey(
        "catalog.StoredImage",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="users",
        db_index=False,  # only the rows that have one: an import need not write it
    )
    reason = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    try_at = models.DateTimeField(default=timezone.now)
    alt = models.CharField("alternative text", max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        indexes = [
            models.Index(fields=["product", "position"], name="productimage_gallery"),
            models.Index(fields=["host", "try_at"], name="productimage_due", condition=Q(state="waiting")),
            models.Index(fields=["stored"], name="productimage_stored", condition=Q(stored__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.alt or self.source_url

    @property
    def url(self) -> str:
        """Where pages find the picture: in our storage, else through our proxy; "" where it cannot be had."""
        if self.stored:
            return self.stored.urls[-1]
        return "" if self.state == self.State.FAILED else proxy_url(self)

    @property
    def thumb_url(self) -> str:
        """Where the dashboard finds a small one. What is not copied yet comes from the shop itself."""
        return self.stored.urls[0] if self.stored else self.source_url


class SlugRedirect(models.Model):
    """An address that a product had once: it leads on to the present one (301)."""

    slug = models.SlugField(max_length=140, primary_key=True)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="old_slugs")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.slug


class OldAddress(models.Model):
    """An address that a product had on the site that was here before: it leads to the product (301)."""

    path = models.CharField(max_length=300, primary_key=True, help_text="With its query string, if any.")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="old_addresses")

    def __str__(self) -> str:
        return self.path
