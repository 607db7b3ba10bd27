"""Addresses that visitors see."""

app_name = "public"
urlpatterns: list = []
