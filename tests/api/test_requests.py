"""Limits, keys, versions, cursors and problems: what every operation has."""

import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from api import answers
from api.models import KeptAnswer, Token
from catalog.models import Brand, Product
from catalog.services import create_product
from tests.api.conftest import Program, make_program, wait_until_waiting

pytestmark = pytest.mark.django_db


def code_of(response):
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


# --- Limits --------------------------------------------------------------------------------------
def test_who_asks_too_often_is_told_when_to_come_again(program, settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    left = [program.get("/brands")["RateLimit-Remaining"] for _ in range(3)]
    if left == ["2", "1", "0"]:  # a minute may have begun in between
        response = program.get("/brands")
        assert code_of(response) == (429, "rate_limited")
        assert 1 <= int(response["Retry-After"]) <= 60


def test_a_refused_write_does_nothing(program, settings):
    settings.API_REQUESTS_PER_MINUTE = 0
    assert code_of(program.post("/brands", {"name": "Bosch"})) == (429, "rate_limited")
    assert not Brand.objects.exists()


def test_who_guesses_tokens_is_soon_not_heard(django_assert_num_queries):
    stranger = Program("aff_" + "x" * 43)
    for _ in range(61):  # enough for two minutes
        response = stranger.get("/products")
    assert response.status_code == 429
    with django_assert_num_queries(0):
        stranger.get("/products")


def test_requests_are_counted_without_redis(program, settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    settings.API_REQUESTS_PER_MINUTE = 2
    assert {program.get("/brands").status_code for _ in range(6)} == {200, 429}


# --- Keys ----------------------------------------------------------------------------------------
def test_a_write_sent_twice_with_a_key_is_done_once(program):
    first = program.post("/products", {"title": "Lamp"}, Idempotency_Key="a")
    again = program.post("/products", {"title": "Lamp"}, Idempotency_Key="a")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first["ETag"] == again["ETag"]
    assert first["Location"] == again["Location"]
    assert again["Idempotency-Replayed"] == "true"
    assert Product.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("/products", {"title": "Other"}), ("/brands", {"name": "Lamp"})],
    ids=["body", "address"],
)
def test_a_key_is_for_one_request(program, path, body):
    program.post("/products", {"title": "Lamp"}, Idempotency_Key="a")
    assert code_of(program.post(path, body, Idempotency_Key="a")) == (422, "idempotency_key_reused")
    assert Product.objects.count() == 1
    assert not Brand.objects.exists()


def test_a_key_is_of_one_token(program, admin_user):
    program.post("/products", {"title": "Lamp"}, Idempotency_Key="a")
    other = make_program(admin_user)
    assert other.post("/products", {"title": "Other"}, Idempotency_Key="a").status_code == 201


def test_what_was_refused_may_be_sent_again_mended(program):
    assert program.post("/products", {"title": ""}, Idempotency_Key="a").status_code == 422
    assert program.post("/products", {"title": "Lamp"}, Idempotency_Key="a").status_code == 201


@pytest.mark.parametrize("key", ["x" * 256, "a b", "ä"])
def test_what_is_no_key_is_refused(program, key):
    response = program.post("/brands", {"name": "Bosch"}, Idempotency_Key=key)
    assert code_of(response) == (422, "idempotency_key_invalid")


def test_a_kept_answer_is_forgotten_after_a_day(program):
    program.post("/brands", {"name": "Bosch"}, Idempotency_Key="a")
    KeptAnswer.objects.update(created_at=timezone.now() - answers.KEPT_FOR * 1.1)
    assert program.post("/brands", {"name": "Makita"}, Idempotency_Key="a").status_code == 201
    KeptAnswer.objects.update(created_at=timezone.now() - answers.KEPT_FOR * 1.1)
    assert answers.forget_old()
    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_with_a_key_one_works_and_the_other_is_told_so(admin_user):
    product = create_product(title="Lamp")
    program, other = make_program(admin_user), None
    other = Program(program.text)
    found = []

    def write():
        found.append(program.patch(f"/products/{product.pk}", {"title": "New"}, Idempotency_Key="a"))
        connection.close()

    with transaction.atomic():
        Product.objects.select_for_update().get(pk=product.pk)
        first = threading.Thread(target=write)
        first.start()
        wait_until_waiting(1)
        second = threading.Thread(
            target=lambda: (
                found.append(other.patch(f"/products/{product.pk}", {"title": "New"}, Idempotency_Key="a")),
                connection.close(),
            )
        )
        second.start()
        second.join(20)
        assert code_of(found[0]) == (409, "idempotency_key_in_use")
    first.join(20)
    assert found[1].status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_leaves_neither_the_work_nor_the_answer(admin_user):
    """Its connection is cut in the middle, as the death of the process does."""
    product = create_product(title="Lamp")
    program = make_program(admin_user)
    found = []

    def write():
        found.append(program.patch(f"/products/{product.pk}", {"title": "New"}, Idempotency_Key="a"))
        connection.close()

    with transaction.atomic():
        Product.objects.select_for_update().get(pk=product.pk)
        thread = threading.Thread(target=write)
        thread.start()
        wait_until_waiting(1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
        thread.join(20)
    assert found[0].status_code == 503
    assert found[0]["Retry-After"]
    assert not KeptAnswer.objects.exists()
    assert program.patch(f"/products/{product.pk}", {"title": "New"}, Idempotency_Key="a").status_code == 200
    product.refresh_from_db()
    assert product.title == "New"


# --- Versions ------------------------------------------------------------------------------------
def test_what_nobody_changed_is_not_sent_again(program):
    product = create_product(title="Lamp")
    first = program.get(f"/products/{product.pk}")
    again = program.get(f"/products/{product.pk}", If_None_Match=first["ETag"])
    assert again.status_code == 304
    assert not again.content
    program.patch(f"/products/{product.pk}", {"title": "New"})
    assert program.get(f"/products/{product.pk}", If_None_Match=first["ETag"]).status_code == 200


def test_who_saves_over_another_is_told(program):
    product = create_product(title="Lamp")
    seen = program.get(f"/products/{product.pk}")["ETag"]
    assert program.patch(f"/products/{product.pk}", {"title": "Mine"}, If_Match=seen).status_code == 200
    response = program.patch(f"/products/{product.pk}", {"title": "Theirs"}, If_Match=seen)
    assert code_of(response) == (412, "changed_meanwhile")
    product.refresh_from_db()
    assert product.title == "Mine"


@pytest.mark.parametrize("told", ["*", None])
def test_who_does_not_ask_saves(program, told):
    product = create_product(title="Lamp")
    headers = {"If_Match": told} if told else {}
    assert program.patch(f"/products/{product.pk}", {"title": "Mine"}, **headers).status_code == 200


def test_a_list_of_tags_and_weak_ones_are_understood(program):
    product = create_product(title="Lamp")
    seen = program.get(f"/products/{product.pk}")["ETag"]
    told = f'"other~x", W/{seen}'
    assert program.patch(f"/products/{product.pk}", {"title": "Mine"}, If_Match=told).status_code == 200
    nonsense = program.patch(f"/products/{product.pk}", {"title": "Mine"}, If_Match='"nonsense"')
    assert nonsense.status_code == 412


@pytest.mark.parametrize(("kind", "name"), [("brands", "Bosch"), ("categories", "Tools")])
def test_what_forms_ask_is_asked_of_programs(program, kind, name):
    made = program.post(f"/{kind}", {"name": name}).json()
    seen = program.get(f"/{kind}/{made['id']}")["ETag"]
    assert program.patch(f"/{kind}/{made['id']}", {"name": "A"}, If_Match=seen).status_code == 200
    assert code_of(program.patch(f"/{kind}/{made['id']}", {"name": "B"}, If_Match=seen)) == (
        412,
        "changed_meanwhile",
    )
    assert program.delete(f"/{kind}/{made['id']}", If_Match=seen).status_code == 412
    assert program.delete(f"/{kind}/{made['id']}").status_code == 204


# --- Pages ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("order", ["newest", "oldest", "updated"])
def test_pages_have_every_row_once(program, order):
    made = [create_product(title=f"Lamp {number}").pk for number in range(7)]
    found, cursor = [], ""
    while True:
        page = program.get(f"/products?limit=3&order={order}&cursor={cursor}").json()
        found += [row["id"] for row in page["items"]]
        if not (cursor := page["next"]):
            break
    assert found == (made if order != "newest" else made[::-1])


@pytest.mark.parametrize(
    "cursor", ["x", "bnVsbA", "WyJpZCIsMSwtMV0", "WyJ1cGRhdGVkX2F0IiwxLDFd", "%00", "🙂"]
)
def test_what_is_no_cursor_is_refused(program, cursor):
    response = program.get(f"/products?cursor={cursor}")
    assert code_of(response) == (422, "invalid")
    assert response.json()["errors"][0]["field"] == "cursor"


# --- Problems ------------------------------------------------------------------------------------
def test_what_a_form_refuses_is_named_by_field(program):
    response = program.post(
        "/products", {"title": "Lamp", "gtin": "123", "publish_at": "2001-01-01T00:00:00Z"}
    )
    assert code_of(response) == (422, "invalid")
    assert {each["field"] for each in response.json()["errors"]} == {"gtin", "publish_at"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        (b"\xff", 400),
        ("[]", 422),
        ("null", 422),
        ('{"name": 1}', 422),
        ('{"nam": "x"}', 422),
        ("{}", 422),
    ],
)
def test_what_is_no_such_body_is_refused(program, body, status):
    response = program.ask("POST", "/brands", body)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["a\0b", "\0", "  ", "x" * 200])
def test_texts_that_no_database_takes_are_refused(program, name):
    assert program.post("/brands", {"name": name}).status_code == 422
    assert not Brand.objects.exists()


def test_an_unknown_address_is_answered_as_a_problem(program):
    assert code_of(program.get("/nothing")) == (404, "not_found")
    assert code_of(program.get("/products/999999")) == (404, "not_found")
    assert code_of(program.get("/products/99999999999999999999")) == (404, "not_found")
    assert code_of(program.put("/products", {})) == (405, "method_not_allowed")


def test_a_request_that_is_too_large_is_refused(program, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = program.post("/brands", {"name": "x" * 2000})
    assert code_of(response) == (413, "too_large")


def test_the_use_of_a_token_is_noted(program):
    program.get("/brands")
    assert Token.objects.get().last_used_at


def test_events_name_the_user_of_the_token(program, admin_user):
    from events.models import Event

    program.post("/brands", {"name": "Bosch"})
    assert Event.objects.filter(kind="brand.created").get().actor == f"user:{admin_user.pk}"
