"""The two roles: administrators may do everything, editors search, import and look after products.

A role is a group; what it may do are Django permissions, checked in every view.
"""

from django.apps import apps
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.management import create_permissions
from django.db.models import Q

ADMINISTRATOR = "Administrator"
EDITOR = "Editor"

_EVERYTHING = ("add", "change", "delete", "view")
EDITOR_PERMISSIONS = {
    ("catalog", "product"): _EVERYTHING,
    ("catalog", "productimage"): _EVERYTHING,
    ("catalog", "offer"): _EVERYTHING,
    ("catalog", "category"): _EVERYTHING,
    ("catalog", "brand"): _EVERYTHING,
    ("catalog", "shop"): ("change", "view"),
    ("importer", "feeditem"): ("view",),
    ("importer", "importrun"): _EVERYTHING,
    ("importer", "syncrun"): ("add", "view"),
    ("importer", "networkaccount"): ("view",),
    ("importer", "apievent"): ("view",),
}


class RoleBackend(ModelBackend):
    """Names and passwords as Django has them; permissions come from roles alone: one query less a page."""

    def _get_user_permissions(self, user_obj):
        from django.contrib.auth.models import Permission

        return Permission.objects.none()


def create_roles(**_kwargs) -> None:
    """Bring both groups and their permissions up to date. Runs after every migrate; safe to repeat."""
    from django.contrib.auth.models import Group, Permission

    for label in ("auth", "catalog", "importer"):
        create_permissions(apps.get_app_config(label), verbosity=0)
    permissions = Permission.objects.filter(content_type__app_label__in=("auth", "catalog", "importer"))
    administrators, _ = Group.objects.get_or_create(name=ADMINISTRATOR)
    administrators.permissions.set(permissions)
    allowed = Q(pk__in=())
    for (app, model), actions in EDITOR_PERMISSIONS.items():
        allowed |= Q(
            content_type__app_label=app,
            content_type__model=model,
            codename__in=[f"{action}_{model}" for action in actions],
        )
    editors, _ = Group.objects.get_or_create(name=EDITOR)
    editors.permissions.set(permissions.filter(allowed))
