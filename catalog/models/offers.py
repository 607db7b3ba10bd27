"""Shops, their offers on our products, and the price log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, Count, F, Q, Value, When, Window
from django.db.models.lookups import Exact
from django.urls import reverse

from catalog.lib.gone import Gone
from catalog.models.words import search_vector
from catalog.pictures.links import logo_proxy_url


class Shop(models.Model):
    """A merchant as visitors see it. Its name is editable and fills the `%s` of the buttons."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    url = models.CharField(max_length=2000, blank=True)
    logo = models.ImageField(upload_to="shops/", blank=True)
    logo_url = models.CharField(max_length=2000, blank=True)

    class Meta:
        ordering = ["name"]
        indexes = [GinIndex(search_vector("name"), name="shop_search")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("public:shop", args=[self.slug])

    @property
    def logo_address(self) -> str:
        """Where pages find the logo: our own, else the network's through our proxy; or ""."""
        return self.logo.url if self.logo else logo_proxy_url(self)


class ShopSource(models.Model):
    """Where a shop is known from (`network:program`): renaming a shop does not lose it, and one shop may be
    in several networks."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="sources")
    key = models.CharField(max_length=200, unique=True)
    # Domains that links from there may lead to: whoever imports says so, every click asks.
    link_domains = ArrayField(models.CharField(max_length=255), default=list, db_default=[])

    def __str__(self) -> str:
        return self.key


class ShopAlias(models.Model):
    """The name and address of a shop that became part of another: links and imports that know only these
    find the other one."""

    slug = models.SlugField(max_length=140, primary_key=True)
    name = models.CharField(max_length=120)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="aliases")
    merged_id = models.BigIntegerField(unique=True, help_text="The id that the shop had.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class OfferQuerySet(models.QuerySet):
    def old(self) -> "OfferQuerySet":
        """Return the offers that are listed although their price is too old to be shown."""
        return self.filter(expired_at=None, is_old=True)

    def best_first(self, currency: str) -> "OfferQuerySet":
        """Sort the offers of each product as every page shows them; `gone` tells those not to be had.

        What can be had comes first, then what has a price to show, then the site's `currency`, then the
        currency that most of the product's offers have (numbers of two currencies cannot be compared), then
        what is known to be in stock, then the lowest price: with shipping (`by_total`) where it is known of
        all in that currency, else without. What a policy hides since it went is left out.
        """
        gone = Case(When(GONE, then=Value(True)), default=Value(False))
        comparable: list[F | Case] = [F("product_id"), gone, F("currency")]
        no_shipping = Count("pk", filter=Q(shipping=None, is_old=False))
        return (
            self.exclude(gone_policy=Gone.HIDE)
            .annotate(
                gone=gone,
                same_currency=Window(Count("pk"), partition_by=comparable),
                by_total=Case(
                    When(Exact(Window(no_shipping, partition_by=comparable), 0), then=Value(True)),
                    default=Value(False),
                ),
            )
            .order_by(
                "product_id",
                "gone",
                "is_old",
                Case(When(currency=currency, then=0), default=1),
                "-same_currency",
                "currency",
                Case(When(in_stock=None, then=1), default=0),
                Case(When(by_total=True, then=F("price") + F("shipping")), default=F("price")),
                "price",
                "id",
            )
        )


def leading(offers: Sequence[Any]) -> Any | None:
    """Return the offer that leads its product's page, of those that `best_first` sorted.

    That is the one that an editor chose, while it can be had and its price be shown; else the first. None
    where there are none.
    """
    chosen = (offer for offer in offers if offer.is_main and not offer.gone and not offer.is_old)
    return next(chosen, offers[0] if offers else None)


GONE = Q(in_stock=False) | Q(expired_at__isnull=False)


class Offer(models.Model):
    """A shop's price and link on a product (schema.org Offer).

    `source_key` is `network:feed:external_id`: importing an item twice never doubles it.
    """

    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="offers")
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="offers")
    source = models.CharField(max_length=30, help_text="Whose button texts apply: a network's slug.")
    source_key = models.TextField()
    # Of what the source said when it was last heard: while its digest is this one, the offer says the same.
    source_digest = models.BigIntegerField(null=True, editable=False)
    title = models.CharField(max_length=300, blank=True)
    # Of several articles that are one model on one page: which of them this is. All three are set when the
    # offer comes and stay: an article with this id is never another colour.
    variant = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="What sets it apart: `{colour: red}`."
    )
    variant_group = models.TextField(
        blank=True, default="", db_default="", help_text="What the source's variants of the model share."
    )
    gtin = models.CharField(
        "EAN", max_length=14, blank=True, default="", db_default="", help_text="The variant's."
    )
    tracking_url = models.CharField(max_length=2000)
    # `tracking_url` with `outbound_url.PLACEHOLDER` where the sub-id goes; empty where the link takes none.
    tracking_template = models.CharField(max_length=2100, blank=True, default="", db_default="")
    price = models.DecimalField(max_digits=14, decimal_places=2)
    old_price = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    shipping = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    delivery = models.CharField(
        "delivery time",
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="As the shop says it.",
    )
    currency = models.CharField(max_length=3)
    in_stock = models.BooleanField(null=True, help_text="Empty: the shop does not say.")
    # An editor chose it to lead the page. It does so while it can be had (`leading`).
    is_main = models.BooleanField(default=False, db_default=False)
    # By a check that wrote the row. One that finds nothing new writes `OfferCheck`: read `last_checked_at`.
    checked_at = models.DateTimeField()
    is_old = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Checked too long ago for its price to be shown (services.hide_old_prices).",
    )
    changed_at = models.DateTimeField(
        null=True, help_text="When price, shipping or stock last changed. Empty: not since it came."
    )
    expired_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when its network no longer lists it."
    )
    gone_policy = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="By which policy it went (`catalog.lib.gone`); empty while it is listed.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["variant_group"], name="offer_variant_group", condition=~Q(variant_group="")
            ),
            models.Index(fields=["gtin"], name="offer_gtin", condition=~Q(gtin="")),
            models.Index(fields=["id"], name="offer_old", condition=Q(is_old=True)),
        ]
        ordering = [Case(When(GONE, then=2), When(in_stock=None, then=1), default=0), "price", "id"]
        constraints = [
            models.UniqueConstraint(fields=["source_key"], name="offer_source_key_once"),
            models.UniqueConstraint(
                fields=["product"], condition=models.Q(is_main=True), name="offer_one_main_per_product"
            ),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="offer_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.shop}: {self.price} {self.currency}"

    def get_absolute_url(self) -> str:
        return reverse("public:go", args=[self.pk])

    @property
    def top_url(self) -> str:
        """The same address, for the button at the top of the page: its clicks are counted apart."""
        return reverse("public:go", args=[self.pk, "top"])

    @property
    def last_checked_at(self) -> datetime:
        """When its network last said this price; read `later_check` with it (`select_related`)."""
        later = getattr(self, "later_check", None)
        return max(self.checked_at, later.checked_at) if later else self.checked_at

    @property
    def is_available(self) -> bool:
        """Whether it can be had, as far as the shop says."""
        return self.in_stock is not False and self.expired_at is None


class OfferCheck(models.Model):
    """When an offer was last checked and found to be as it was: then its own, wide row is not written.

    A hundred thousand of them are written with each sync of a feed. No constraint leads to the offers:
    each would be looked for and locked.
    """

    offer = models.OneToOneField(
        Offer, on_delete=models.CASCADE, primary_key=True, related_name="later_check", db_constraint=False
    )
    checked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Offer {self.pk}: {self.checked_at}"


class PricePoint(models.Model):
    """What an offer said from `recorded_at` until its next point. Appended, never changed.

    `in_stock` is false from when the article was sold out, or no longer listed.
    """

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="price_points")
    price = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    in_stock = models.BooleanField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["recorded_at", "id"]

    def __str__(self) -> str:
        return f"{self.price} {self.currency}"
