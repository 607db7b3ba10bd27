"""What never comes up again: products, shops, brands and words that a person does not want."""

from django.conf import settings
from django.db import models


class Block(models.Model):
    """Something that no search shows and no import brings, with who said so, when and why."""

    class Kind(models.TextChoices):
        GTIN = "gtin", "Product, by EAN"
        ITEM = "item", "Product of one shop"
        MODEL = "model", "Model with its variants"
        SHOP = "shop", "Shop"
        BRAND = "brand", "Brand"
        WORDS = "words", "Words"

    kind = models.CharField(max_length=5, choices=Kind)
    key = models.TextField(
        help_text="What is compared: an EAN, a source key, a variant group, or a name or words, folded."
    )
    label = models.CharField(max_length=300, help_text="What a person reads: a title, a name, the words.")
    # Of shops, brands and words, which the index of the items answers (`feed_index.blocked`).
    lexemes = models.TextField(blank=True, help_text="As a tsquery.")
    reason = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="block_once")]
        indexes = [
            models.Index(fields=["id"], name="block_with_lexemes", condition=~models.Q(lexemes="")),
        ]

    def __str__(self) -> str:
        return self.label
