"""The API log and the button texts of a network."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from catalog.models import ButtonTexts, Product
from events.actor import acting_as
from events.models import Event
from importer.accounts.accounts import record_failure
from importer.networks.contract import NetworkError
from tests.importer.make import make_account, make_feed, make_item
from tests.importer.pages import HTMX, is_part, text_of
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db
LOG = "/dashboard/networks/tradedoubler/log/"
FAILED = "Search failed: The answer is empty."
BUTTONS = "/dashboard/networks/tradedoubler/buttons/"


def fail(network: str, task: str) -> None:
    record_failure(network, task, NetworkError("empty_answer"))


def messages_of(response) -> list[str]:
    return [line.message for line in response.context["lines"]]


def test_lines_are_shown_newest_first_with_their_product(editor_client):
    fail("tradedoubler", "Search for “<b>boot</b>”")
    import_items(make_item(make_feed(), title="Red boot"))
    fail("adtraction", "Another network")
    page = text_of(editor_client.get(LOG))
    assert "Search for “&lt;b&gt;boot&lt;/b&gt;” failed: The answer is empty." in page
    assert reverse("catalog:product-edit", args=[Product.objects.get().pk]) in page
    assert "Another network" not in page
    assert page.index("Red boot") < page.index("Search for")


def test_a_line_names_who_did_it(editor_client):
    anna = User.objects.create(username="anna")
    with acting_as(f"user:{anna.pk}"):
        fail("tradedoubler", "Connecting")
    assert "by anna" in text_of(editor_client.get(LOG))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({"kind": "error"}, [FAILED], id="type"),
        pytest.param({"text": "BOOT"}, ["Import of 1: 1 created."], id="text of the product"),
        pytest.param({"text": "search"}, [FAILED], id="text of the message"),
        pytest.param({"kind": "error", "text": "boot"}, [], id="both"),
        pytest.param(
            {"kind": "x"},
            [FAILED, "Import of 1: 1 created."],
            id="unknown type",
        ),
        pytest.param({"text": "%"}, [], id="no wildcard"),
        pytest.param(
            {"text": "x" * 101},
            [FAILED, "Import of 1: 1 created."],
            id="endless",
        ),
        pytest.param(
            {"text": "a\0b"},
            [FAILED, "Import of 1: 1 created."],
            id="NUL",
        ),
    ],
)
def test_filters(editor_client, query, expected):
    import_items(make_item(title="Found boot"))
    fail("tradedoubler", "Search")
    response = editor_client.get(LOG, query, headers=HTMX)
    assert is_part(response)
    assert messages_of(response) == expected


def test_empty_logs_and_empty_filters_say_so(editor_client):
    assert "The log is empty" in text_of(editor_client.get(LOG))
    assert "No such lines" in text_of(editor_client.get(LOG, {"text": "x"}))


def test_deleting_asks_first_hides_the_lines_of_one_network_and_keeps_the_events(admin_client):
    fail("tradedoubler", "Search")
    fail("adtraction", "Another search")
    assert "The 1 line of this log will be shown no more." in text_of(admin_client.get(f"{LOG}delete/"))
    assert len(messages_of(admin_client.get(LOG))) == 1
    for _ in range(2):
        assert admin_client.post(f"{LOG}delete/").url == LOG
    assert messages_of(admin_client.get(LOG)) == []
    home = text_of(admin_client.get(reverse("dashboard:home")))
    assert "Another search failed" in home
    assert home.count("earch failed") == 1
    assert Event.objects.count() == 2
    fail("tradedoubler", "Later")
    assert messages_of(admin_client.get(LOG)) == ["Later failed: The answer is empty."]


def test_only_administrators_delete_a_log(editor_client):
    assert editor_client.post(f"{LOG}delete/").status_code == 403


def test_the_log_takes_few_queries(editor_client, django_assert_max_num_queries):
    for _ in range(5):
        import_items(*[make_item() for _ in range(3)])
        import_items(make_item(), make_item(price=None))
        make_account()
    with django_assert_max_num_queries(12):
        editor_client.get(LOG)


def test_button_texts_are_stored_for_the_network_alone(admin_client):
    ButtonTexts.objects.create(source="", long="At %s")
    response = admin_client.post(BUTTONS, {"long": "Buy at %s now", "short": "", "unavailable": "Gone"})
    assert response.url == BUTTONS
    admin_client.post(BUTTONS, {"long": "Buy at %s now", "short": "", "unavailable": "Gone"})
    texts = ButtonTexts.objects.get(source="tradedoubler")
    assert (texts.long, texts.short, texts.unavailable) == ("Buy at %s now", "", "Gone")
    assert ButtonTexts.objects.get(source="").long == "At %s"


def test_the_preview_names_a_real_shop_and_empty_fields_show_what_they_fall_back_to(admin_client):
    ButtonTexts.objects.create(source="", short="Go to %s")
    import_items(make_item(shop_name="Alpen & Pfad"))
    page = text_of(admin_client.get(BUTTONS))
    assert "Buy at Alpen &amp; Pfad" in page
    assert 'placeholder="Go to %s"' in page


@pytest.mark.parametrize("text", ["%d off", "%s%s", "%x", "x" * 61])
def test_wrong_texts_are_refused_with_a_message_and_kept(admin_client, text):
    response = admin_client.post(BUTTONS, {"long": text})
    assert response.status_code == 200
    assert response.context["form"].errors["long"]
    assert text in text_of(response)
    assert not ButtonTexts.objects.exists()
