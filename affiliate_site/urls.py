"""Every address of the site."""

from django.urls import path

from affiliate_site.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
]
