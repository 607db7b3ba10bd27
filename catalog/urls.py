"""Addresses of the catalogue's dashboard pages, under /dashboard/."""

app_name = "catalog"
urlpatterns: list = []
