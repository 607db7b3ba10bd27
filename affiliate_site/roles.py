"""The roles: administrators may do everything, editors search, import and look after products, and those at
the desk look after the advertiser's side.

A role is a group; what it may do are Django permissions, checked in every view.
"""

from django.apps import apps
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission, User
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat

ADMINISTRATOR = "Administrator"
EDITOR = "Editor"
DESK = "Desk"

APPS = ("api", "auth", "catalog", "desk", "events", "importer", "mail", "pages", "sales")
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
    ("importer", "categorymapping"): ("change", "view"),
    ("importer", "mappingrun"): ("add", "change", "view"),
    ("importer", "block"): _EVERYTHING,
    ("importer", "savedsearch"): _EVERYTHING,
    ("importer", "syncrun"): ("add", "view"),
    ("importer", "networkaccount"): ("view",),
    ("events", "event"): ("view",),
    ("sales", "sale"): ("view",),
    ("sales", "matchrule"): _EVERYTHING,
    ("pages", "post"): _EVERYTHING,
    ("api", "token"): ("add", "view"),
}
# All of the desk but its logins, which only administrators connect.
NOT_AT_THE_DESK = ("add_deskaccount", "change_deskaccount", "delete_deskaccount")


class RoleBackend(ModelBackend):
    """Django's log-in, but a user is read with all permissions, so that no page has to ask for them.

    `has_desk`: some login of an advertiser is connected, so that there is a desk to go to.
    """

    def get_user(self, user_id: int) -> User | None:
        name = Concat("content_type__app_label", Value("."), "codename")
        of_user = Permission.objects.filter(Q(group__user=OuterRef("pk")) | Q(user=OuterRef("pk"))).order_by()
        logins = apps.get_model("desk", "DeskAccount").objects.all()
        users = User.objects.annotate(
            permission_names=ArraySubquery(of_user.values(full_name=name)), has_desk=Exists(logins)
        )
        user = users.filter(pk=user_id).first()
        return user if self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: User, obj: object = None) -> set[str]:
        is_read = hasattr(user_obj, "permission_names") and user_obj.is_active and not user_obj.is_superuser
        if obj is None and is_read:
            return set(user_obj.permission_names)
        return super().get_all_permissions(user_obj, obj)


def create_roles(**_kwargs) -> None:
    """Bring the groups and their permissions up to date. Runs after every migrate; safe to repeat."""
    for label in APPS:
        create_permissions(apps.get_app_config(label), verbosity=0)
    permissions = Permission.objects.filter(content_type__app_label__in=APPS)
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
    of_desk = permissions.filter(content_type__app_label="desk").exclude(codename__in=NOT_AT_THE_DESK)
    desk, _ = Group.objects.get_or_create(name=DESK)
    desk.permissions.set(of_desk)
