"""People with and without a role, and a search whose answer is known."""

import pytest
from django.contrib.auth.models import Group, User

from affiliate_site.roles import EDITOR


@pytest.fixture
def editor(db) -> User:
    user = User.objects.create_user("editor", password="editor")
    user.groups.add(Group.objects.get(name=EDITOR))
    return user


@pytest.fixture
def editor_client(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def outsider_client(client, db):
    """Somebody who may log in and has no role."""
    client.force_login(User.objects.create_user("outsider", password="outsider"))
    return client


@pytest.fixture
def no_network(settings):
    """Nobody listens where the networks should be."""
    settings.TRADEDOUBLER_API_URL = "http://127.0.0.1:9/tradedoubler/1.0/"
    settings.TRADEDOUBLER_CONNECT_URL = "http://127.0.0.1:9/connect/"
    settings.ADTRACTION_API_URL = "http://127.0.0.1:9/adtraction/"
    settings.TRADETRACKER_WSDL_URL = "http://127.0.0.1:9/tradetracker/?wsdl"
