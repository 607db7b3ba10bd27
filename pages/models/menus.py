"""What stands in the site's menus."""

from django.db import models
from django.db.models import Q


class MenuItem(models.Model):
    """An entry of a menu: a post, a category, the list of guides, or any address.

    Entries may have entries below them, one level deep. What an entry leads to and visitors do not see (a
    draft, the trash) is left out.
    """

    class Menu(models.TextChoices):
        HEADER = "header", "Header"
        FOOTER = "footer", "Footer"

    menu = models.CharField(max_length=10, choices=Menu)
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="below")
    position = models.PositiveIntegerField(default=0)
    label = models.CharField(max_length=80, blank=True, help_text="Empty: the title of what it leads to.")
    post = models.ForeignKey("pages.Post", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    category = models.ForeignKey(
        "catalog.Category", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    url = models.CharField(max_length=500, blank=True, help_text='An address, or "guides" for their list.')

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=False, category=None, url="")
                | Q(post=None, category__isnull=False, url="")
                | (Q(post=None, category=None) & ~Q(url="")),
                name="menuitem_leads_to_one_thing",
            ),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="menuitem_not_below_itself"),
        ]

    def __str__(self) -> str:
        return self.label or self.url or f"menu item {self.pk}"
