"""Addresses of the importer, under /dashboard/."""

app_name = "importer"
urlpatterns: list = []
