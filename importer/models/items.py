"""Feed items: the rows of feeds and the hits of searches."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Concat, Now

from catalog.models.products import WithoutSearch
from importer.models.accounts import Feed

# What an offer takes of an item, column by column; its sub-id template follows from its link.
OFFERED = ("title", "tracking_url", "price", "old_price", "shipping", "currency", "in_stock")
# What a product takes of the item that feeds it, besides the title.
FOLLOWED = ("description", "brand", "category", "gtin", "image_urls", "attributes")
_NOT_TEXT = ("image_urls", "attributes")


class FeedItem(models.Model):
    """This merchant, this article, this price, as the network last said it."""

    # The unique constraint's index serves it, too. It has no constraint of its own, which would look for the
    # feed once for each row: whoever writes items holds their feeds (`feed_index.merge`).
    feed = models.ForeignKey(
        Feed, on_delete=models.CASCADE, related_name="items", db_index=False, db_constraint=False
    )
    external_id = models.CharField(max_length=500)
    # The key an offer made of this item has: `network:feed:external_id`.
    source_key = models.TextField()
    program_key = models.CharField(max_length=200, help_text="`network:program`, to find the shop.")
    shop_name = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True)
    brand = models.CharField(max_length=120, blank=True)
    category = models.CharField(max_length=300, blank=True)
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    old_price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    discount = models.SmallIntegerField(default=0, help_text="Per cent that the old price was lowered by.")
    shipping = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    gtin = models.CharField(max_length=14, blank=True)
    in_stock = models.BooleanField(null=True)
    product_url = models.CharField(max_length=2000, blank=True)
    tracking_url = models.CharField(max_length=2000, blank=True)
    image_urls = ArrayField(models.CharField(max_length=2000), default=list)
    attributes = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True, help_text="Why it cannot be imported.")
    # A price too far from the one before: that one stays until a person accepts this, or the feed insists.
    held_price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    held_old_price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    held_syncs = models.SmallIntegerField(null=True, help_text="Syncs in a row that said the held price.")
    # Its id names another article now: what the feed says of that one, until a person accepts it.
    held_article = models.JSONField(null=True)
    digest = models.UUIDField(help_text="Hash of all the above: equal means unchanged.")
    first_seen_at = models.DateTimeField(db_default=Now(), help_text="When its transaction began.")
    seen_at = models.DateTimeField()
    missing_at = models.DateTimeField(null=True)
    variant_key = models.CharField(
        max_length=24,
        blank=True,
        db_default="",
        help_text="What variants share, in their feed.",
    )
    # What an import decides by, as columns, so that statements and Python read the same.
    source_digest = models.GeneratedField(
        expression=models.Func(
            Concat(
                *(
                    part
                    for name in (*OFFERED, *(name for name in FOLLOWED if name not in _NOT_TEXT))
                    for part in (name, models.Value("|"))
                ),
                output_field=models.TextField(),
            ),
            # Arrays and JSON have hashes of their own: as text they would depend on settings.
            models.Func(
                "image_urls",
                models.Func("attributes", models.Value(0), function="jsonb_hash_extended"),
                function="hash_array_extended",
                output_field=models.BigIntegerField(),
            ),
            function="hashtextextended",
            output_field=models.BigIntegerField(),
        ),
        output_field=models.BigIntegerField(),
        db_persist=True,
        help_text="Hash of what its offer and product take: equal to the offer's, it says the same.",
    )
    is_fit = models.GeneratedField(
        expression=models.Q(missing_at__isnull=True, problem="", price__isnull=False)  # type: ignore[arg-type]  # as documented
        & ~(models.Q(title="") | models.Q(currency="") | models.Q(tracking_url="")),
        output_field=models.BooleanField(),
        db_persist=True,
        help_text="Whether it can be imported, as far as the feed says (`imports.plan.unfit` says why not).",
    )
    # Words with word forms, and tokens for exact filters: `importer.feed_index.lexemes`.
    search = SearchVectorField(null=True)

    objects = WithoutSearch()

    class Meta:
        constraints = [
            # With id and digest in it, this index alone says which rows of a feed changed.
            models.UniqueConstraint(
                fields=["feed", "external_id"], include=["id", "digest"], name="feed_item_once_per_feed"
            ),
        ]
        indexes = [
            models.Index(fields=["source_key"], name="feed_item_source_key"),
            models.Index(fields=["gtin"], name="feed_item_gtin", condition=~models.Q(gtin="")),
            models.Index(
                fields=["feed", "variant_key"], name="feed_item_variants", condition=~models.Q(variant_key="")
            ),
            models.Index(fields=["price", "id"], name="feed_item_price"),
            models.Index(
                fields=["missing_at", "id"],
                name="feed_item_gone",
                condition=models.Q(missing_at__isnull=False),
            ),
            models.Index(fields=["discount", "id"], name="feed_item_discount"),
            models.Index(
                fields=["feed"], name="feed_item_held", condition=models.Q(held_price__isnull=False)
            ),
            models.Index(
                fields=["feed"], name="feed_item_swapped", condition=models.Q(held_article__isnull=False)
            ),
            GinIndex(fields=["search"], name="feed_item_search"),
        ]

    def __str__(self) -> str:
        return self.title or self.external_id


class FeedRows(models.Model):
    """Rows of a feed as its last sync read them: hashes of their text, ids, kinds (`feed_files.KnownRows`).

    Part 0 holds what they have in common and no rows. They are true as long as nobody but that sync writes
    items of the feed: whoever does deletes them (`feed_index.known`).
    """

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="+", db_index=False)
    part = models.SmallIntegerField()
    token = models.UUIDField(null=True)
    salt = models.TextField(blank=True)
    kinds = models.JSONField(default=list)
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "part"], name="feed_rows_part")]

    def __str__(self) -> str:
        return f"{self.feed_id}, part {self.part}"


class IndexedWord(models.Model):
    """A word, or the stem of one, that items were indexed with (`feed_index.vocabulary`)."""

    text = models.TextField(db_collation="C", primary_key=True)

    def __str__(self) -> str:
        return self.text


class SampleItem(models.Model):
    """A copy of what a search compares and counts, of a few items in a thousand (`feed_index.samples`).

    Side by side in a small table, thousands of them are read in the time that few rows of the large one take.
    """

    # The item's. Not a foreign key: a sample may be a little out of date.
    id = models.BigIntegerField(primary_key=True)
    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=500)
    source_key = models.TextField()
    shop_name = models.CharField(max_length=120)
    brand = models.CharField(max_length=120)
    category = models.CharField(max_length=300)
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    discount = models.SmallIntegerField()
    currency = models.CharField(max_length=3)
    gtin = models.CharField(max_length=14)
    in_stock = models.BooleanField(null=True)
    image_urls = ArrayField(models.CharField(max_length=2000))
    variant_key = models.CharField(max_length=24, db_default="")
    first_seen_at = models.DateTimeField(db_default=Now())
    search = SearchVectorField()

    objects = WithoutSearch()

    class Meta:
        indexes = [GinIndex(fields=["search"], name="sample_item_search")]

    def __str__(self) -> str:
        return self.external_id
