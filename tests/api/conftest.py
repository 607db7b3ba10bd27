"""A program with a token, as the API sees it."""

import json
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from affiliate_site.roles import EDITOR
from api.scopes import SCOPES
from api.tokens import make_token


class Program:
    """Speaks JSON with a token; `.get("/products")` and the like answer what the site answers."""

    def __init__(self, text: str) -> None:
        self.text, self.client = text, Client()

    def ask(self, method: str, path: str, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.text:
            headers["Authorization"] = f"Bearer {self.text}"
        data = body if isinstance(body, str | bytes) else json.dumps(body) if body is not None else ""
        return self.client.generic(
            method, f"/api/v1{path}", data, content_type="application/json", headers=headers
        )

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.ask("POST", path, {} if body is None else body, **headers)

    def patch(self, path, body, **headers):
        return self.ask("PATCH", path, body, **headers)

    def put(self, path, body, **headers):
        return self.ask("PUT", path, body, **headers)

    def delete(self, path, **headers):
        return self.ask("DELETE", path, **headers)


def make_editor(name="editor") -> User:
    user = User.objects.create_user(name, password="p")
    user.groups.add(Group.objects.get(name=EDITOR))
    return user


def make_program(user: User, *scopes: str, days: float = 1) -> Program:
    """Return a program of a user, with these scopes or all."""
    expires_at = timezone.now() + timedelta(days=days)
    _, text = make_token(user, name="Test", scopes=list(scopes or SCOPES), expires_at=expires_at)
    return Program(text)


@pytest.fixture(autouse=True)
def nobody_asked_before():
    cache.clear()


@pytest.fixture
def program(admin_user) -> Program:
    """A program of an administrator, with every scope."""
    return make_program(admin_user)


@pytest.fixture
def editor(db) -> User:
    return make_editor()


def wait_until_waiting(count: int) -> None:
    """Wait until so many wait for a lock of the database."""
    deadline = time.monotonic() + 20
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= count:
                return
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.02)
