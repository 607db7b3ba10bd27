"""Pages and guides, the addresses that they had, and what became of them."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

MAX_TEXT = 1_000_000  # characters of HTML
MAX_EXCERPT = 500


class Post(models.Model):
    """A text of the site's own: a page at `/<slug>/`, or a guide at `/guides/<slug>/`.

    `text` is clean HTML with blocks in it (`pages.lib.blocks`), which are filled when somebody looks. A draft
    with `publish_at` is scheduled. `author` is the name that visitors read, as log-in names are nobody's
    business. The categories are the catalogue's: a guide about lamps stands where the lamps are.
    """

    class Kind(models.TextChoices):
        PAGE = "page", "Page"
        GUIDE = "guide", "Guide"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        TRASHED = "trashed", "Trashed"

    class Role(models.TextChoices):
        """Pages that every footer leads to."""

        IMPRINT = "imprint", "Imprint"
        PRIVACY = "privacy", "Privacy"
        CONTACT = "contact", "Contact"

    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=300)
    slug = models.SlugField(max_length=140, db_index=False)
    text = models.TextField(blank=True, help_text="Clean HTML, with blocks.")
    excerpt = models.CharField(max_length=MAX_EXCERPT, blank=True)
    author = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=10, choices=Role, blank=True, default="")
    picture = models.ForeignKey(
        "catalog.StoredImage", on_delete=models.PROTECT, null=True, blank=True, related_name="posts"
    )
    picture_alt = models.CharField(max_length=300, blank=True)
    categories = models.ManyToManyField("catalog.Category", blank=True, related_name="posts")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)
    publish_at = models.DateTimeField(null=True, blank=True)
    # Part of the preview links that were given out; emptied by every change of status, which ends them.
    preview_key = models.CharField(max_length=22, blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug"], name="post_slug_once"),
            models.UniqueConstraint(
                fields=["role"], condition=~Q(role="") & ~Q(status="trashed"), name="post_role_once"
            ),
        ]
        indexes = [
            models.Index(
                F("published_at").desc(),
                F("id").desc(),
                name="post_newest",
                condition=Q(kind="guide", status="published"),
            ),
            models.Index(fields=["publish_at"], name="post_due", condition=Q(publish_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse(f"guides:{self.kind}", args=[self.slug])

    @property
    def section(self) -> str:
        """Where the dashboard has it: "guides" or "pages"."""
        return f"{self.kind}s"

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED

    @property
    def is_scheduled(self) -> bool:
        return self.status == self.Status.DRAFT and self.publish_at is not None


class PostAddress(models.Model):
    """An address that visitors knew: it leads on (301) to its post, or is gone (410) where there is none."""

    kind = models.CharField(max_length=10, choices=Post.Kind)
    slug = models.SlugField(max_length=140, db_index=False)
    post = models.ForeignKey(Post, on_delete=models.SET_NULL, null=True, related_name="old_addresses")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="post_address_once")]

    def __str__(self) -> str:
        return self.slug


class PostRevision(models.Model):
    """One change of one post: what differs, before and after, by the names of `pages.services.posts.FIELDS`.

    `before` is None where the post was made. Added and thinned, never changed.
    """

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="revisions", db_index=False)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80, blank=True, help_text='Who: "user:5", "task:publish_due_posts".')
    cause = models.CharField(max_length=80, blank=True, help_text='Why: "bulk:2f1b"; empty for one edit.')
    before = models.JSONField(null=True)
    after = models.JSONField()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["post", "id"], name="postrevision_of_post"),
            models.Index(fields=["cause"], name="postrevision_of_cause", condition=~Q(cause="")),
        ]

    def __str__(self) -> str:
        return f"post {self.post_id} at {self.at:%Y-%m-%d %H:%M}"
