"""What the owner of the site decides: its name and words, and the texts on its buttons."""

from django.db import models


class SiteSettings(models.Model):
    """The one row of site-wide settings. Read it with `catalog.site.get_settings`."""

    name = models.CharField("site name", max_length=80, default="My comparison site")
    tagline = models.CharField(max_length=160, blank=True)
    currency = models.CharField(max_length=3, default="EUR", help_text="Prices in this currency come first.")
    disclosure = models.CharField(
        "disclosure near buttons",
        max_length=300,
        default="Advertisement: we earn a commission when you buy through these links. You pay the same.",
    )
    footer = models.CharField("footer text", max_length=300, blank=True)
    hide_thin_pages = models.BooleanField(
        "keep thin pages out of the sitemap",
        default=True,
        db_default=True,
        help_text="Thin: one offer, and nothing on the page but what the shop's feed says.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "site settings"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="site_settings_one_row")]

    def __str__(self) -> str:
        return self.name


class ButtonTexts(models.Model):
    """Button texts of one source of offers (a network's slug), or of the whole site (`source` is "").

    An empty text falls back: source, site, built-in (`catalog.buttons`).
    """

    source = models.CharField(max_length=30, blank=True, unique=True)
    long = models.CharField("buy button", max_length=60, blank=True)
    short = models.CharField("buy button (short)", max_length=30, blank=True)
    unavailable = models.CharField("not available", max_length=60, blank=True)

    class Meta:
        verbose_name_plural = "button texts"

    def __str__(self) -> str:
        return self.source or "whole site"
