"""Blocking from a search, the list of what is blocked, and the way back; with scripts and without."""

import json
import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from importer.models import Block
from importer.search.blocks import add_block
from tests.importer.make import make_account, make_feed, make_item
from tests.importer.pages import HTMX, text_of
from tests.importer.views.test_search import connect, search

pytestmark = pytest.mark.django_db
SEARCH = "/dashboard/search/"
LIST = "/dashboard/blocks/"


@pytest.fixture
def items():
    feed = make_feed(make_account("tradedoubler"), is_mirrored=True, synced_at=timezone.now())
    names = (("Red boot", "Ecco"), ("Blue boot", "Ecco"), ("Green hat", "Rieker"))
    return [make_item(feed, title=title, brand=brand, gtin="") for title, brand in names]


def ids(page) -> set[int]:
    return {int(pk) for pk in re.findall(r'id="item-(\d+)"', text_of(page))}


def buttons(page, hook: str) -> list[str]:
    return [
        url.replace("&amp;", "&") for url in re.findall(rf'{hook}[^>]* formaction="([^"]+)"', text_of(page))
    ]


def test_a_click_blocks_the_product_and_its_notice_takes_that_back(editor_client, items, editor):
    page = editor_client.get(SEARCH, {"keywords": "boot"})
    url = buttons(page, "data-block")[0]
    answer = editor_client.post(url, {"search": "keywords=boot", "is_index": "1"}, follow=True)
    assert answer.redirect_chain == [(f"{SEARCH}?keywords=boot", 302)]
    block = Block.objects.get()
    assert (block.created_by, block.kind) == (editor, "item")
    assert len(ids(answer)) == 1
    assert "Blocked by editor on" in text_of(answer)
    undo = re.search(r'formaction="([^"]+)">Undo<', text_of(answer))[1]
    back = editor_client.post(undo, {"search": "keywords=boot", "is_index": "1"}, follow=True)
    assert back.redirect_chain == [(f"{SEARCH}?keywords=boot", 302)]
    assert len(ids(back)) == 2
    assert not Block.objects.exists()


@pytest.mark.parametrize(("what", "hidden"), [("shop", 3), ("brand", 2), ("product", 1)])
def test_rows_on_the_page_that_are_blocked_now_say_so(editor_client, items, what, hidden):
    url = f"{reverse('importer:item-block', args=[items[0].pk])}?what={what}"
    answer = editor_client.post(url, {"row": [item.pk for item in items]}, headers=HTMX)
    text = text_of(answer)
    assert text.count('data-status="blocked">Blocked</span> Blocked by editor') == hidden
    assert text.count('hx-swap-oob="true"') == hidden - 1
    assert json.loads(answer["HX-Trigger"])["toast"]["text"].startswith("Blocked by editor on")
    undo = buttons(answer, "data-unblock")[0]
    back = editor_client.post(undo, {"row": [item.pk for item in items]}, headers=HTMX)
    assert ids(back) == {item.pk for item in items[:hidden]}
    assert 'data-status="blocked"' not in text_of(back)
    assert not Block.objects.exists()


def test_words_and_a_reason_are_asked_for_in_a_dialog_that_is_a_page_too(editor_client, items):
    url = reverse("importer:item-block", args=[items[0].pk])
    assert "dialog-title" in text_of(editor_client.get(url, headers=HTMX))
    assert "Words" in text_of(editor_client.get(url))
    data = {"what": "words", "value": "blue", "reason": "Out of season"}
    answer = editor_client.post(url, data | {"row": [item.pk for item in items]}, headers=HTMX)
    assert ids(answer) == {items[1].pk}
    assert {"closeDialog", "toast"} <= json.loads(answer["HX-Trigger"]).keys()
    assert Block.objects.get().reason == "Out of season"
    plain = editor_client.post(url, data | {"value": "red"}, follow=True)
    assert plain.redirect_chain[-1][0] == LIST


@pytest.mark.parametrize(
    "data", [{}, {"what": "words"}, {"what": "words", "value": "--"}, {"what": "x", "value": "a"}]
)
def test_what_says_nothing_is_asked_again(editor_client, items, data):
    url = reverse("importer:item-block", args=[items[0].pk])
    for headers in (None, HTMX):
        answer = editor_client.post(url, data, headers=headers)
        assert answer.status_code == 200
        assert "field-error" in text_of(answer)
    assert not Block.objects.exists()


def test_a_search_tells_how_much_is_blocked_and_shows_it_on_demand(editor_client, items):
    add_block("brand", "Ecco", reason="They asked us to")
    page = editor_client.get(SEARCH, {"keywords": "boot"})
    assert ids(page) == set()
    part = editor_client.get(reverse("importer:search-blocked"), {"keywords": "boot"})
    assert "2 blocked" in text_of(part)
    url = re.search(r'href="([^"]+)"', text_of(part))[1].replace("&amp;", "&")
    shown = editor_client.get(url)
    assert ids(shown) == {items[0].pk, items[1].pk}
    assert "They asked us to." in text_of(shown)
    assert text_of(shown).count("data-unblock form") == 2
    assert "item-quick" not in text_of(shown)
    none = editor_client.get(reverse("importer:search-blocked"), {"keywords": "hat"})
    assert "blocked:" not in text_of(none)


def test_a_search_at_the_network_hides_what_is_blocked_too(editor_client, sandbox):
    connect("tradedoubler")
    plain = ids(search(editor_client, "tradedoubler", keywords="Trailschuh"))
    brand = search(editor_client, "tradedoubler", keywords="Trailschuh").context["rows"][0].hit.item.brand
    add_block("brand", brand)
    page = search(editor_client, "tradedoubler", keywords="Trailschuh")
    hidden = page.context["result"].hidden
    assert hidden == len(plain) - len(ids(page)) > 0
    assert f"{hidden} of this page" in text_of(page)
    shown = search(editor_client, "tradedoubler", keywords="Trailschuh", blocked="on")
    assert ids(shown) == plain - ids(page)
    assert "cannot filter" not in text_of(shown)


def test_the_list_is_filtered_and_unblocks(editor_client, items, editor):
    add_block("brand", "Ecco", reason="They asked us to", user=editor)
    add_block("words", "replica")
    page = text_of(editor_client.get(LIST, {"q": "asked"}))
    assert "Ecco" in page
    assert "replica" not in page
    assert "replica" in text_of(editor_client.get(LIST, {"kind": "words"}))
    assert "Nothing like that" in text_of(editor_client.get(LIST, {"q": "zzz"}))
    editor_client.post(reverse("importer:block-remove", args=[Block.objects.get(label="Ecco").pk]))
    assert Block.objects.count() == 1
    assert "no longer blocked" in text_of(
        editor_client.post(reverse("importer:block-remove", args=[1_000_000]), follow=True)
    )


def test_blocking_by_hand(editor_client, items):
    url = reverse("importer:block-add")
    answer = editor_client.post(url, {"what": "gtin", "value": "123"})
    assert "field-error" in text_of(answer)
    editor_client.post(url, {"what": "gtin", "value": "4006381333931", "reason": "Recalled"})
    assert Block.objects.get().key == "4006381333931"


def test_who_may_only_look_gets_no_buttons(outsider_client, items, django_user_model):

    user = django_user_model.objects.get(username="outsider")
    user.user_permissions.add(*Permission.objects.filter(codename__in=["view_feeditem", "view_block"]))
    add_block("words", "red")
    assert "data-block form" not in text_of(outsider_client.get(SEARCH))
    assert ">Unblock<" not in text_of(outsider_client.get(LIST))
