from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = "Dashboard"

    def ready(self) -> None:
        from dashboard import upgrade  # noqa: F401 registers a check

        user_logged_in.connect(_note_sign_in, dispatch_uid="dashboard.note_sign_in")


def _note_sign_in(sender, request, user, **kwargs) -> None:
    from dashboard.security.sign_ins import note_sign_in

    note_sign_in(request, user)
