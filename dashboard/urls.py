"""Addresses of the dashboard's own pages, under /dashboard/."""

from django.urls import path

from dashboard.views import home, mail, security, users

app_name = "dashboard"
urlpatterns = [
    path("", home.home, name="home"),
    path("running/", home.active_runs, name="active-runs"),
    path("syncs/", home.syncs, name="syncs"),
    path("mail/", mail.mail_list, name="mail-list"),
    path("mail/settings/", mail.mail_settings, name="mail-settings"),
    path("mail/stop/<str:token>/", mail.mail_stop, name="mail-stop"),
    path("mail/<int:pk>/", mail.mail_detail, name="mail-detail"),
    path("mail/<int:pk>/html/", mail.mail_html, name="mail-html"),
    path("mail/<int:pk>/again/", mail.mail_again, name="mail-again"),
    path("users/", users.user_list, name="user-list"),
    path("users/add/", users.user_create, name="user-create"),
    path("users/<int:pk>/", users.user_edit, name="user-edit"),
    path("users/<int:pk>/second-factor/off/", security.user_second_factor_off, name="user-factor-off"),
    path("security/", security.security, name="security"),
    path("security/app/", security.second_factor, name="second-factor"),
    path("security/app/off/", security.second_factor_off, name="second-factor-off"),
    path("security/recovery-codes/", security.recovery_codes, name="recovery-codes"),
    path("security/passkeys/<int:pk>/remove/", security.passkey_remove, name="passkey-remove"),
    path("security/log-out/", security.sign_in_end, name="sign-in-end"),
]
