"""Addresses of earnings, under /dashboard/earnings/."""

from django.urls import path, re_path

from sales.views import earnings

app_name = "sales"
urlpatterns = [
    path("", earnings.overview, name="overview"),
    re_path(r"^export\.(?P<kind>csv|json)$", earnings.export, name="export"),
]
