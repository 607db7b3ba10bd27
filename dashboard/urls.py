"""Addresses of the dashboard's own pages, under /dashboard/."""

from django.urls import path

from dashboard.views import home, mail, users

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
]
