"""Addresses of the desk, under /dashboard/desk/."""

from django.urls import path

from desk.views import accounts, conversions, overview, pending, program, publishers

app_name = "desk"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("log/", overview.log, name="log"),
    path("logins/", accounts.account_list, name="account-list"),
    path("logins/add/<slug:network>/<slug:kind>/", accounts.account_add, name="account-add"),
    path("logins/<int:pk>/", accounts.account_edit, name="account-edit"),
    path("logins/<int:pk>/check/", accounts.account_check, name="account-check"),
    path("logins/<int:pk>/remove/", accounts.account_remove, name="account-remove"),
    path("publishers/", publishers.application_list, name="publisher-list"),
    path("publishers/decide/", publishers.application_decide, name="publisher-decide"),
    path("publishers/undo/", publishers.application_undo, name="publisher-undo"),
    path("publishers/read/", publishers.application_read, name="publisher-read"),
    path("sales/", pending.pending_list, name="pending-list"),
    path("sales/decide/", pending.pending_decide, name="pending-decide"),
    path("sales/undo/", pending.pending_undo, name="pending-undo"),
    path("sales/read/", pending.pending_read, name="pending-read"),
    path("sales/returns/", pending.pending_returns, name="pending-returns"),
    path("conversions/", conversions.conversion_list, name="conversion-list"),
    path("conversions/decide/", conversions.conversion_decide, name="conversion-decide"),
    path("conversions/file/", conversions.conversion_upload, name="conversion-upload"),
    path("conversions/keys/", conversions.key_list, name="key-list"),
    path("conversions/keys/<int:pk>/revoke/", conversions.key_revoke, name="key-revoke"),
    path("program/", program.program_index, name="program-index"),
    path("program/<int:account>/<slug:call>/", program.program_call, name="program-call"),
]
