"""People at the desk."""

import pytest
from django.contrib.auth.models import Group, User

from affiliate_site.roles import DESK
from tests.importer.conftest import editor, editor_client, no_network, outsider_client  # noqa: F401


@pytest.fixture
def desk_user(db) -> User:
    user = User.objects.create_user("desk", password="desk")
    user.groups.add(Group.objects.get(name=DESK))
    return user


@pytest.fixture
def desk_client(client, desk_user):
    client.force_login(desk_user)
    return client
