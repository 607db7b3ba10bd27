"""What the owner of the site decides: its name and words, and the texts on its buttons."""

from datetime import time

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _

from catalog.lib.colour import DEFAULT_ACCENT, validate_accent


class SiteSettings(models.Model):
    """The one row of site-wide settings. Read it with `catalog.site.settings.get_settings`."""

    name = models.CharField("site name", max_length=80, default="My comparison site")
    tagline = models.CharField(max_length=160, blank=True)
    language = models.CharField(
        max_length=7, choices=settings.LANGUAGES, default="en", help_text="Of the pages that visitors see."
    )
    currency = models.CharField(max_length=3, default="EUR", help_text="Prices in this currency come first.")
    logo = models.ImageField(
        upload_to="site/", blank=True, width_field="logo_width", height_field="logo_height"
    )
    logo_width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    logo_height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    accent = models.CharField(
        "accent colour",
        max_length=7,
        default=DEFAULT_ACCENT,
        validators=[validate_accent],
        help_text="Of links and marks. White text on it must be easy to read.",
    )
    disclosure = models.CharField(
        "disclosure near buttons",
        max_length=300,
        blank=True,
        help_text="Empty: a sentence in the site's language.",
    )
    footer = models.CharField("footer text", max_length=300, blank=True)
    fresh_for_hours = models.PositiveSmallIntegerField(
        "check each price within so many hours",
        default=24,
        db_default=24,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 60)],
        help_text="What you promise. The page “Freshness” tells how far it is kept.",
    )
    prices_shown_hours = models.PositiveSmallIntegerField(
        "show a price for so many hours after its last check",
        default=24 * 8,
        db_default=24 * 8,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 365)],
        help_text="An older one is not shown: visitors are sent to the shop for it.",
    )
    hide_thin_pages = models.BooleanField(
        "keep thin pages out of the sitemap",
        default=True,
        db_default=True,
        help_text="Thin: one offer, and nothing on the page but what the shop's feed says.",
    )
    offers_alerts = models.BooleanField(
        "price alerts",
        default=True,
        db_default=True,
        help_text="Visitors may ask for a mail when a price falls. Only offered where e-mail is set up.",
    )
    alert_days = models.PositiveSmallIntegerField(
        "days that a price alert lasts",
        default=180,
        db_default=180,
        validators=[MinValueValidator(1), MaxValueValidator(730)],
        help_text="Then it ends, and the visitor's address is deleted.",
    )
    digest_at = models.TimeField(
        "time of the daily mail",
        default=time(7),
        db_default=time(7),
        help_text="To people who work here, on days when something needs them. Who gets it, each user says.",
    )
    late_percent = models.PositiveSmallIntegerField(
        "per cent of prices that may be late",
        default=10,
        db_default=10,
        validators=[MaxValueValidator(100)],
        help_text="When more were not checked in time, the daily mail says so.",
    )
    # What the editor chose for properties of products: `{key: {"shown": bool, "labels": {language: text}}}`,
    # where it differs from `catalog.lib.attributes.ATTRIBUTES`. In this row, which every page reads anyway.
    attributes = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "site settings"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="site_settings_one_row")]

    def __str__(self) -> str:
        return self.name

    @property
    def disclosure_text(self) -> str:
        """The disclosure of the owner, else the built-in one in the active language."""
        return self.disclosure or _(
            "Advertisement: we earn a commission when you buy through these links. You pay the same."
        )


class ButtonTexts(models.Model):
    """Button texts of one source of offers (a network's slug), or of the whole site (`source` is "").

    An empty text falls back: source, site, built-in (`catalog.site.buttons`).
    """

    source = models.CharField(max_length=30, blank=True, unique=True)
    long = models.CharField("buy button", max_length=60, blank=True)
    short = models.CharField("buy button (short)", max_length=30, blank=True)
    unavailable = models.CharField("not available", max_length=60, blank=True)

    class Meta:
        verbose_name_plural = "button texts"

    def __str__(self) -> str:
        return self.source or "whole site"
