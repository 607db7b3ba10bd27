"""People in both roles, products with offers as visitors see them, and posts made by the services."""

import pytest

from pages import services
from pages.models import Post
from tests.catalog.conftest import (  # noqa: F401
    admin_client,
    administrator,
    editor,
    editor_client,
    media,
    stranger_client,
)
from tests.catalog.public.conftest import make_offer, make_product, make_shop  # noqa: F401


@pytest.fixture
def make_post(db):
    """Make a guide, published unless `status` says otherwise."""

    def make(title: str = "The best lamps", *, kind: str = "guide", **values) -> Post:
        values.setdefault("status", Post.Status.PUBLISHED)
        return services.create_post(kind=kind, title=title, **values)

    return make


@pytest.fixture
def product(make_product):  # noqa: F811
    return make_product("Red shoe")
