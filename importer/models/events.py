"""The API log."""

from django.db import models

from importer.models.accounts import NetworkAccount


class ApiEvent(models.Model):
    """One line of a network's API log; `importer.events` keeps the newest 200 per network."""

    class Kind(models.TextChoices):
        CONNECT = "connect", "Connection"
        SEARCH = "search", "Search"
        IMPORT = "import", "Import"
        UPDATE = "update", "Update"
        SYNC = "sync", "Sync"
        ERROR = "error", "Error"

    network = models.CharField(max_length=30)
    account = models.ForeignKey(NetworkAccount, on_delete=models.SET_NULL, null=True, blank=True)
    kind = models.CharField("type", max_length=10, choices=Kind)
    message = models.CharField(max_length=500)
    product = models.ForeignKey("catalog.Product", on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["network", "-id"], name="api_event_newest")]

    def __str__(self) -> str:
        return self.message
