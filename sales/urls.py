"""Addresses of earnings, under /dashboard/earnings/."""

from django.urls import path, re_path

from sales.views import earnings, networks, reading, sale_list, unmatched

app_name = "sales"
urlpatterns = [
    path("", earnings.overview, name="overview"),
    re_path(r"^export\.(?P<kind>csv|json)$", earnings.export, name="export"),
    path("sales/", sale_list.sale_list, name="sale-list"),
    re_path(r"^sales\.(?P<kind>csv|json)$", sale_list.sale_export, name="sale-export"),
    path("sales/<int:pk>/", sale_list.sale_detail, name="sale-detail"),
    path("reading/", reading.reading_list, name="reading-list"),
    path("reading/<int:pk>/", reading.reading_edit, name="reading-edit"),
    path("reading/<int:pk>/check/", reading.reading_check, name="reading-check"),
    path("programs/", networks.program_list, name="program-list"),
    path("payments/", networks.payment_list, name="payment-list"),
    path("reconcile/", networks.reconcile_page, name="reconcile"),
    path("unmatched/", unmatched.unmatched, name="unmatched"),
    path("rules/add/", unmatched.rule_add, name="rule-add"),
    path("rules/<int:pk>/delete/", unmatched.rule_delete, name="rule-delete"),
]
