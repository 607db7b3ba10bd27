"""The search for doubles: new products only, in small steps, each pair asked once, never joined by itself."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog import services as catalog
from catalog.models import Offer, Product
from importer.imports import doubles
from importer.imports.doubles import scan_doubles
from importer.imports.doubts import ask_again, count_open, decide, open_doubts, undo
from importer.models import DoubleKey, DoubleScan, JoinDoubt
from tests.importer.make import make_feed, make_item
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db
EAN = "4006381333931"


def make_product(title="Walking boots Terra brown", brand="Ecco", shop="9", **values) -> Product:
    """Import a product of a shop with a feed of its own."""
    values = {"price": Decimal("99"), "program_id": shop, "shop_name": f"Shop {shop}"} | values
    item = make_item(make_feed(), title=title, brand=brand, **values)
    (done,) = import_items(item, status="published")
    assert done.verdict == "created"
    return done.product


def scan(**values) -> list[tuple[Product, Product]]:
    """Look for doubles; return the pairs that wait, (the newer product, the older)."""
    assert scan_doubles(seconds=60, **values)
    keys = {doubt.source_key: doubt.product for doubt in open_doubts().filter(kind="double")}
    return [(Offer.objects.get(source_key=key).product, product) for key, product in keys.items()]


def test_products_of_two_shops_that_are_probably_one_wait_for_a_person():
    first, second, _other = make_product(), make_product(), make_product("Rain jacket Mistral")
    assert scan() == [(second, first)]
    doubt = JoinDoubt.objects.get()
    assert doubt.reason == "The same brand, Ecco, and nearly the same title."
    assert count_open() == {"double": 1}
    assert Product.objects.filter(offer_count=1).count() == 3


def test_a_manufacturers_number_in_the_properties_finds_its_like():
    first = make_product("Headphones black", "Sony", attributes={"MPN": "WH-1000XM5"})
    second = make_product("Kopfhörer", "Sony", attributes={"Herstellernummer": "WH1000XM5"})
    assert scan() == [(second, first)]


def test_an_ean_that_differs_around_the_same_digits_is_found():
    first = make_product("Pens blue", "Stabilo", gtin=EAN)
    second = make_product("Pens, blue ink", "Stabilo", gtin="14006381333938")
    assert scan() == [(second, first)]


def test_a_second_look_asks_nothing_twice_and_reads_only_what_is_new(django_assert_max_num_queries):
    make_product()
    make_product()
    scan()
    with django_assert_max_num_queries(12):
        scan()
    assert JoinDoubt.objects.count() == 1


def test_a_new_product_is_compared_with_those_that_were_looked_at_before():
    first = make_product()
    scan()
    make_product("Rain jacket Mistral")
    second = make_product()
    assert scan() == [(second, first)]


def test_what_a_person_said_is_remembered_for_ever():
    make_product()
    make_product()
    scan()
    decide(JoinDoubt.objects.get(), decision="apart")
    DoubleScan.objects.update(last_product_id=0)
    assert scan() == []
    assert JoinDoubt.objects.count() == 1


def test_not_the_same_holds_for_a_product_that_has_another_offer_now():
    first, second = make_product(), make_product()
    scan()
    decide(JoinDoubt.objects.get(), decision="apart")
    third = make_product("Rain jacket Mistral")
    catalog.join_products(third, into=second)
    DoubleScan.objects.update(last_product_id=0)
    assert scan() == []
    assert {first.pk, second.pk} <= set(DoubleKey.objects.values_list("product_id", flat=True))


def test_join_makes_one_of_them_and_the_address_leads_on():
    first, second = make_product(), make_product()
    scan()
    assert "Joined with" in decide(JoinDoubt.objects.get(), decision="same")
    second.refresh_from_db()
    assert (second.status, second.joined_into) == ("trashed", first)
    assert Product.objects.get(pk=first.pk).offer_count == 2
    assert JoinDoubt.objects.get().cause.startswith("merge:")
    assert scan() == []


def test_a_join_is_undone_with_all_that_it_changed():
    first, second = make_product(), make_product("Walking boots, Terra brown", gtin=EAN)
    scan()
    doubt = JoinDoubt.objects.get()
    decide(doubt, decision="same")
    doubt.refresh_from_db()
    undo(doubt)
    second.refresh_from_db()
    first.refresh_from_db()
    assert (second.status, second.joined_into, second.offer_count) == ("published", None, 1)
    assert (first.offer_count, first.gtin, second.gtin) == (1, "", EAN)
    assert count_open() == {"double": 1}
    doubt.refresh_from_db()
    decide(doubt, decision="same")
    assert count_open() == {}


def test_a_join_is_not_undone_over_what_a_person_did_since():
    first, second = make_product(), make_product()
    scan()
    doubt = JoinDoubt.objects.get()
    decide(doubt, decision="same")
    doubt.refresh_from_db()
    third = make_product("Rain jacket Mistral")
    moved = Offer.objects.get(source_key=doubt.source_key)
    catalog.move_offers(first, offer_ids=[moved.pk], into=third)
    with pytest.raises(catalog.CatalogError, match="since"):
        undo(doubt)
    assert Offer.objects.get(pk=moved.pk).product == third
    second.refresh_from_db()
    assert second.status == "trashed"
    doubt.refresh_from_db()
    assert doubt.decision == "same"


def test_the_product_that_visitors_know_stays():
    draft, published = make_product(), make_product()
    catalog.unpublish([draft.pk])
    scan()
    decide(JoinDoubt.objects.get(), decision="same")
    assert Product.objects.get(pk=published.pk).offer_count == 2
    assert Product.objects.get(pk=draft.pk).joined_into == published


def test_a_decision_twice_does_it_once():
    make_product()
    make_product()
    scan()
    doubt = JoinDoubt.objects.get()
    decide(doubt, decision="same")
    decide(doubt, decision="same")
    assert Product.objects.filter(status="trashed").count() == 1


def test_what_lies_in_the_trash_is_no_double():
    first, _second = make_product(), make_product()
    catalog.trash([first.pk])
    assert scan() == []


def test_what_was_settled_by_hand_waits_no_more():
    first, second = make_product(), make_product()
    assert scan()
    catalog.join_products(second, into=first)
    assert count_open() == {}


def test_no_more_than_a_stated_number_wait(monkeypatch):
    monkeypatch.setattr(doubles, "MAX_WAITING", 2)
    for _ in range(4):
        make_product()
    scan(at_once=10)
    assert count_open() == {"double": 2}
    decide(open_doubts().first(), decision="apart")
    scan(at_once=10)
    assert count_open() == {"double": 2}
    for _ in range(20):
        if doubt := open_doubts().first():
            decide(doubt, decision="apart")
        scan()
    assert JoinDoubt.objects.filter(decision="apart").count() == 6  # every pair of four
    assert count_open() == {}


def test_a_common_word_is_compared_with_few(monkeypatch):
    monkeypatch.setattr(doubles, "MAX_BLOCK", 3)
    for _ in range(8):
        make_product()
    scan(at_once=1)
    assert JoinDoubt.objects.count() <= 8 * 3


def test_after_a_round_all_are_looked_at_again():
    make_product()
    other = make_product("Rain jacket Mistral")
    assert scan() == []
    scan()
    other.refresh_from_db()
    catalog.update_product(other, title="Walking boots Terra brown")
    assert scan() == []
    DoubleScan.objects.update(began_at=timezone.now() - doubles.ROUND - timedelta(minutes=1))
    scan()
    assert len(scan()) == 1


def test_time_that_is_up_leaves_the_rest_to_the_next_look():
    for _ in range(3):
        make_product()
    assert not scan_doubles(seconds=0, at_once=1)
    assert DoubleScan.objects.get().last_product_id == Product.objects.earliest("pk").pk
    assert scan_doubles(seconds=60)


def test_a_look_that_is_killed_is_made_again(monkeypatch):
    make_product()
    make_product()

    def die(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(doubles, "note_doubts", die)
        with pytest.raises(KeyboardInterrupt):
            scan_doubles(seconds=60)
    assert not DoubleKey.objects.exists()
    assert len(scan()) == 1


def test_it_is_asked_again_where_a_person_wants_to():
    make_product()
    make_product()
    scan()
    decide(JoinDoubt.objects.get(), decision="apart")
    ask_again(JoinDoubt.objects.get())
    assert count_open() == {"double": 1}
