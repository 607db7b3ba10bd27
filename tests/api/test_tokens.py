"""Who asks, and what they may: at each request anew."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from affiliate_site.roles import ADMINISTRATOR
from api.models import Token
from api.scopes import SCOPES
from api.tokens import revoke
from catalog.models import Brand, Product
from catalog.services import create_product
from tests.api.conftest import Program, make_editor, make_program, wait_until_waiting

pytestmark = pytest.mark.django_db


def code_of(response):
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def test_without_a_token_nothing_is_answered():
    response = Program("").get("/products")
    assert code_of(response) == (401, "token_missing")
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("text", ["nonsense", "aff_" + "a" * 43, "aff_ä", "\x00", "aff_" + "a" * 5000])
def test_what_is_no_token_is_refused(text):
    assert code_of(Program(text.encode("latin-1", "replace").decode("latin-1")).get("/products")) == (
        401,
        "token_refused",
    )


def test_a_session_is_no_token(admin_client):
    assert admin_client.get("/api/v1/products").status_code == 401


def test_a_token_needs_no_csrf_and_sets_no_cookie(program):
    program.client = Client(enforce_csrf_checks=True)
    response = program.post("/brands", {"name": "Bosch"})
    assert response.status_code == 201
    assert not response.cookies


def test_only_the_hash_of_a_token_is_kept(program):
    stored = " ".join(map(str, Token.objects.values_list().get()))
    assert program.text not in stored
    assert program.text[12:] not in stored


def test_a_token_may_what_its_scope_says_and_no_more(admin_user):
    reader = make_program(admin_user, "brands:read")
    assert reader.get("/brands").status_code == 200
    response = reader.post("/brands", {"name": "Bosch"})
    assert code_of(response) == (403, "scope_missing")
    assert response.json()["params"] == {"scope": "brands:write"}
    assert not Brand.objects.exists()


def test_a_token_never_may_more_than_its_user(editor):
    program = make_program(editor)  # with all scopes, whatever the form would offer
    assert code_of(program.patch("/shops/1", {"name": "x"}))[0] == 404
    response = program.delete("/shops/1")
    assert code_of(response) == (403, "permission_missing")
    assert response.json()["params"] == {"permissions": ["catalog.delete_shop"]}


def test_who_loses_a_role_loses_it_at_the_next_request(editor):
    program = make_program(editor)
    assert program.get("/products").status_code == 200
    editor.groups.clear()
    assert code_of(program.get("/products")) == (403, "permission_missing")


def test_a_kept_answer_is_not_given_to_who_lost_the_role(editor):
    program = make_program(editor)
    assert program.post("/brands", {"name": "Bosch"}, Idempotency_Key="k").status_code == 201
    editor.groups.clear()
    assert program.post("/brands", {"name": "Bosch"}, Idempotency_Key="k").status_code == 403


def test_who_may_not_log_in_has_no_tokens(editor):
    program = make_program(editor)
    editor.is_active = False
    editor.save()
    assert code_of(program.get("/products")) == (401, "token_refused")


def test_a_token_ends(editor):
    assert code_of(make_program(editor, days=-1).get("/products")) == (401, "token_refused")


def test_a_revoked_token_counts_no_more(program):
    token = Token.objects.get()
    assert revoke(token)
    assert not revoke(token)
    assert code_of(program.get("/products")) == (401, "token_refused")


@pytest.mark.django_db(transaction=True)
def test_a_token_that_is_revoked_in_mid_request_writes_nothing_afterwards(admin_user):
    """The write waits for a row; the token is revoked meanwhile."""
    product = create_product(title="Lamp")
    program = make_program(admin_user)
    answers = []

    def change():
        answers.append(program.patch(f"/products/{product.pk}", {"title": "Changed"}))
        connection.close()

    def cut():
        revoke(Token.objects.get())
        answers.append("revoked")
        connection.close()

    with transaction.atomic():
        Product.objects.select_for_update().get(pk=product.pk)
        writer = threading.Thread(target=change)
        writer.start()
        wait_until_waiting(1)
        revoker = threading.Thread(target=cut)
        revoker.start()
        wait_until_waiting(2)  # who revokes waits until the write is over
        assert not answers
    writer.join(20)
    revoker.join(20)
    assert "revoked" in answers
    assert program.patch(f"/products/{product.pk}", {"title": "Later"}).status_code == 401
    product.refresh_from_db()
    assert product.title == "Changed"


@pytest.mark.django_db(transaction=True)
def test_a_write_that_comes_behind_the_revocation_is_refused(admin_user):
    program = make_program(admin_user)
    answers = []

    def write():
        answers.append(program.post("/brands", {"name": "Bosch"}))
        connection.close()

    with transaction.atomic():
        revoke(Token.objects.get())  # not committed: the writer still finds the token, and waits for its row
        writer = threading.Thread(target=write)
        writer.start()
        wait_until_waiting(1)
    writer.join(20)
    assert code_of(answers[0]) == (401, "token_refused")
    assert not Brand.objects.exists()


# --- Pages ---------------------------------------------------------------------------------------
def test_a_token_is_shown_once(client, editor):
    client.force_login(editor)
    data = {"name": "Price checker", "scopes": ["products:read"], "days": "30"}
    response = client.post(reverse("api-pages:token-create"), data)
    text = response.context["text"]
    assert text in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert text not in client.get(reverse("api-pages:token-list")).content.decode()
    assert Program(text).get("/products").status_code == 200


def test_nobody_is_offered_what_they_may_not(client, editor):
    client.force_login(editor)
    data = {"name": "Site", "scopes": ["site:write"], "days": "30"}
    assert client.post(reverse("api-pages:token-create"), data).context["form"].errors["scopes"]
    assert not Token.objects.exists()


def test_editors_see_and_revoke_their_own_alone(client, editor, admin_user):
    make_program(admin_user)
    other = Token.objects.get()
    make_program(editor)
    client.force_login(editor)
    assert len(client.get(reverse("api-pages:token-list")).context["page_obj"]) == 1
    assert client.post(reverse("api-pages:token-revoke", args=[other.pk])).status_code == 404
    assert (
        client.post(reverse("api-pages:token-revoke", args=[editor.api_tokens.get().pk])).status_code == 302
    )
    client.force_login(admin_user)
    assert len(client.get(reverse("api-pages:token-list")).context["page_obj"]) == 2


def test_every_scope_is_of_use_to_an_administrator(django_user_model):
    user = make_editor("chief")
    user.groups.set([Group.objects.get(name=ADMINISTRATOR)])
    assert all(user.has_perm(permission) for _, permission in SCOPES.values())


def test_a_token_lives_a_year_at_most(editor):
    make_program(editor, days=5000)
    token = Token.objects.get()
    assert token.expires_at - token.created_at < timedelta(days=367)
