"""What is known of the hosts that links lead to."""

from django.db import models


class LinkHost(models.Model):
    """Whether a host that feeds name with http answers by https too (`importer.imports.https_hosts`)."""

    host = models.CharField(max_length=255, primary_key=True)
    has_https = models.BooleanField()
    checked_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.host
