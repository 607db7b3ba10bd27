"""The menus of the public pages."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pages import services
from pages.forms import MenuItemForm
from pages.models import MenuItem
from pages.queries.menus import list_menus

may_change = permission_required("pages.change_menuitem", raise_exception=True)


@require_http_methods(["GET", "POST"])
@may_change
def menu_list(request: HttpRequest) -> HttpResponse:
    """Show both menus, and add an entry to one."""
    posted = request.POST.get("menu", "") if request.method == "POST" else ""
    forms = {
        menu: MenuItemForm(request.POST if posted == menu else None, menu=menu, auto_id=f"{menu}_%s")
        for menu in MenuItem.Menu.values
    }
    if posted in forms and forms[posted].is_valid():
        try:
            services.add_item(posted, **forms[posted].cleaned_data)
        except services.MenuError as error:
            forms[posted].add_error(None, str(error))
        else:
            messages.success(request, "Added.")
            return redirect("pages:menu-list")
    menus = [
        {"key": menu, "label": MenuItem.Menu(menu).label, "rows": rows, "form": forms[menu]}
        for menu, rows in list_menus().items()
    ]
    return render(request, "pages/menu_list.html", {"menus": menus})


@require_http_methods(["GET", "POST"])
@may_change
def menu_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an entry: what it says, where it leads, where it stands."""
    item = get_object_or_404(MenuItem, pk=pk)
    form = MenuItemForm(request.POST if request.method == "POST" else None, menu=item.menu, item=item)
    if form.is_valid():
        try:
            services.change_item(item, **form.cleaned_data)
        except services.MenuError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved.")
            return redirect("pages:menu-list")
    return render(request, "pages/menu_edit.html", {"item": item, "form": form})


@require_POST
@may_change
def menu_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move an entry up or down among those beside it."""
    item = get_object_or_404(MenuItem, pk=pk)
    services.move_item(item, by=-1 if request.POST.get("to") == "up" else 1)
    return redirect("pages:menu-list")


@require_POST
@may_change
def menu_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove an entry, with those below it."""
    services.delete_item(get_object_or_404(MenuItem, pk=pk))
    messages.success(request, "Removed.")
    return redirect("pages:menu-list")
