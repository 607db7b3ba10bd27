"""The API log and the button texts of a network."""

import pytest
from django.urls import reverse

from catalog.models import ButtonTexts, Product
from importer import events
from importer.models import ApiEvent
from tests.importer.make import make_feed, make_item
from tests.importer.pages import HTMX, is_part, text_of
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db
LOG = "/dashboard/networks/tradedoubler/log/"
BUTTONS = "/dashboard/networks/tradedoubler/buttons/"


def messages_of(response) -> list[str]:
    return [event.message for event in response.context["events"]]


def test_events_are_shown_newest_first_with_their_product(editor_client):
    events.record("tradedoubler", "search", "Search for “<b>boot</b>”")
    import_items(make_item(make_feed(), title="Red boot"))
    events.record("adtraction", "search", "Another network")
    page = text_of(editor_client.get(LOG))
    assert "Search for “&lt;b&gt;boot&lt;/b&gt;”" in page
    assert reverse("catalog:product-edit", args=[Product.objects.get().pk]) in page
    assert "system" in page
    assert "Another network" not in page
    assert page.index("Red boot") < page.index("Search for")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({"kind": "error"}, ["Down"], id="type"),
        pytest.param({"text": "BOOT"}, ["Found boot"], id="text"),
        pytest.param({"kind": "error", "text": "boot"}, [], id="both"),
        pytest.param({"kind": "nonsense"}, ["Down", "Found boot"], id="unknown type"),
        pytest.param({"text": "%"}, [], id="no wildcard"),
        pytest.param({"text": "x" * 101}, ["Down", "Found boot"], id="endless text"),
        pytest.param({"text": "a\0b"}, ["Down", "Found boot"], id="NUL"),
    ],
)
def test_filters(editor_client, query, expected):
    events.record("tradedoubler", "search", "Found boot")
    events.record("tradedoubler", "error", "Down")
    response = editor_client.get(LOG, query, headers=HTMX)
    assert is_part(response)
    assert messages_of(response) == expected


def test_empty_logs_and_empty_filters_say_so(editor_client):
    assert "The log is empty" in text_of(editor_client.get(LOG))
    assert "No such events" in text_of(editor_client.get(LOG, {"text": "x"}))


def test_deleting_asks_first_and_touches_no_other_network(admin_client):
    events.record("tradedoubler", "search", "Found boot")
    events.record("adtraction", "search", "Another network")
    assert "1 event will be gone for good." in text_of(admin_client.get(f"{LOG}delete/"))
    assert ApiEvent.objects.count() == 2
    for _ in range(2):
        assert admin_client.post(f"{LOG}delete/").url == LOG
    assert [event.network for event in ApiEvent.objects.all()] == ["adtraction"]


def test_the_log_takes_few_queries(editor_client, django_assert_max_num_queries):
    import_items(*[make_item() for _ in range(10)])
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
