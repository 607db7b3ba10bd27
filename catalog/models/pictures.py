"""The files of pictures, apart from the products that show them."""

from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import default_storage
from django.db import models

from catalog.pictures.picture import WIDTHS


class StoredImage(models.Model):
    """A picture's WebP files, kept once whatever its address and however many products show it.

    `digest` is the SHA-256 of the bytes that came. The nth file is `widths[n]` pixels wide, narrowest first;
    without widths the files are not all written yet, or about to be deleted. `catalog.services.pictures` is
    the only writer.
    """

    digest = models.CharField(max_length=64)
    widths = ArrayField(models.PositiveSmallIntegerField(), default=list)
    width = models.PositiveSmallIntegerField(default=0, help_text="Of the widest file, in pixels.")
    height = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest"], name="stored_image_once")]

    def __str__(self) -> str:
        return self.digest[:12]

    @staticmethod
    def file_name(digest: str, place: int) -> str:
        """Return the name of the nth file. It says what is in it: caches may keep it for good."""
        return f"pictures/{digest[:2]}/{digest[:40]}-{WIDTHS[place]}.webp"

    @property
    def names(self) -> list[str]:
        return [self.file_name(self.digest, place) for place in range(len(self.widths))]

    @property
    def urls(self) -> list[str]:
        return [default_storage.url(name) for name in self.names]

    @property
    def srcset(self) -> str:
        return ", ".join(f"{url} {width}w" for url, width in zip(self.urls, self.widths, strict=True))
