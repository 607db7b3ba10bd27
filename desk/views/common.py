"""What several of the desk's pages need."""

from django.contrib.auth.decorators import permission_required

may_see_desk = permission_required("desk.view_deskaccount", raise_exception=True)
may_connect = permission_required("desk.change_deskaccount", raise_exception=True)
