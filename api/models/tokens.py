"""Tokens: a program acts with one in the name of the user who made it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class Token(models.Model):
    """A key to the API. Only its hash is kept: it is shown once, when it is made.

    It may what its scopes say, and never more than its user may at the moment of a request.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80, help_text="What uses it, so that you know it again.")
    digest = models.CharField(max_length=64, editable=False)
    beginning = models.CharField(
        max_length=12, editable=False, help_text="Its first letters, to tell it apart."
    )
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["digest"], name="api_token_digest_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """Return "active", "expired" or "revoked"."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "active"
