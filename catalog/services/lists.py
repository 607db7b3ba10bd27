"""What a user chooses for a list of the dashboard."""

from collections.abc import Iterable

from django.contrib.auth.models import User

from catalog.models import ListChoice


def choose_list(user: User, name: str, *, columns: Iterable[str], rows: int) -> None:
    """Keep which columns of a list a user wants to see, and how many rows on a page."""
    ListChoice.objects.update_or_create(user=user, name=name, defaults={"columns": [*columns], "rows": rows})
