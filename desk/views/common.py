"""What several of the desk's pages need."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from desk.models import DeskAccount
from importer.http.errors import NetworkError
from importer.sentences import say

may_see_desk = permission_required("desk.view_deskaccount", raise_exception=True)
may_see_feeds = permission_required("desk.view_ownfeed", raise_exception=True)
may_change_feeds = permission_required("desk.change_ownfeed", raise_exception=True)
may_push = permission_required("desk.add_pushrun", raise_exception=True)
may_map_categories = permission_required("desk.change_owncategory", raise_exception=True)
may_connect = permission_required("desk.change_deskaccount", raise_exception=True)
may_see_publishers = permission_required("desk.view_application", raise_exception=True)
may_decide_publishers = permission_required("desk.change_application", raise_exception=True)
may_see_sales = permission_required("desk.view_pendingsale", raise_exception=True)
may_decide_sales = permission_required("desk.change_pendingsale", raise_exception=True)
may_see_conversions = permission_required("desk.view_conversion", raise_exception=True)
may_convert = permission_required("desk.change_conversion", raise_exception=True)
may_run_program = permission_required("desk.run_program", raise_exception=True)

MOST_REFUSALS = 5  # said one by one


def ids_of(request: HttpRequest, most: int) -> list[int]:
    """Return the ticked rows of a list."""
    return [int(text) for text in request.POST.getlist("ids") if text.isdecimal() and len(text) < 19][:most]


def user_of(request: HttpRequest) -> User | None:
    """Return who asks."""
    return request.user if isinstance(request.user, User) else None


def back(request: HttpRequest, name: str) -> HttpResponse:
    """Go back to the list, filtered as it was."""
    query = request.POST.get("next", "")
    address = reverse(name)
    return redirect(f"{address}?{query}" if query and not query.startswith(("/", "\\")) else address)


def say_queued(request: HttpRequest, result: tuple[int, Sequence[tuple[Any, str]]]) -> None:
    """Say how many decisions are on their way, and who was refused with why."""
    count, refused = result
    if count:
        messages.success(request, f"On their way: {count}. Until they are sent you can take them back.")
    for row, why in refused[:MOST_REFUSALS]:
        messages.error(request, f"{row}: {why}")
    if len(refused) > MOST_REFUSALS:
        messages.error(request, f"And {len(refused) - MOST_REFUSALS} more could not be decided.")


def read_all(
    request: HttpRequest, accounts: Sequence[DeskAccount], read: Callable[[DeskAccount], int], noun: str
) -> None:
    """Read from the networks of these logins, and say what came."""
    for account in accounts:
        try:
            messages.success(request, f"{account}: {read(account)} {noun}.")
        except NetworkError as error:
            messages.error(request, f"{account}: {say(error)}")
