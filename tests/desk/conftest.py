"""People at the desk, and the sandbox's control."""

import json
import urllib.request

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


@pytest.fixture
def control(sandbox):
    """Ask the sandbox's control: `control("faults", {...})` sets, `method="DELETE"` clears."""

    def ask(part: str, values: dict | None = None, method: str = "POST"):
        request = urllib.request.Request(  # noqa: S310 our own address
            f"{sandbox.url}/_control/{part}", data=json.dumps(values or {}).encode(), method=method
        )
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            return json.loads(response.read())

    return ask
