"""What each part of the API does, once; rules are tested where the services are."""

from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Category, Offer, Product, Shop, UndoRun
from catalog.services import create_product, get_or_create_brand
from importer.imports.saved import save_search
from importer.models import Block, ImportRun, SavedSearch
from importer.networks.query import ItemQuery
from tests.importer.make import make_feed, make_items

pytestmark = pytest.mark.django_db


def make_offer(product, price="10.00", key="a") -> Offer:
    shop, _ = Shop.objects.get_or_create(name="OTTO", slug="otto")
    return Offer.objects.create(
        product=product,
        shop=shop,
        price=Decimal(price),
        currency="EUR",
        source="adtraction",
        source_key=f"adtraction:1:{key}",
        tracking_url="https://track.example/1",
        checked_at=timezone.now(),
    )


def test_a_product_is_written_and_read_whole(program):
    category = Category.objects.create(name="Lamps", slug="lamps")
    body = {
        "title": " Desk  lamp ",
        "brand": "Bosch",
        "categories": [category.pk],
        "new_categories": ["Desks"],
    }
    body |= {"gtin": "4006381333931", "description": "<p>Good</p><script>x</script>", "status": "published"}
    made = program.post("/products", body)
    assert made.status_code == 201, made.content
    whole = program.get(made["Location"].removeprefix("/api/v1")).json()
    assert (whole["title"], whole["brand"]["name"], whole["status"]) == ("Desk lamp", "Bosch", "published")
    assert "script" not in whole["description"]
    assert len(whole["category_ids"]) == 2
    changed = program.patch(f"/products/{whole['id']}", {"gtin": None, "meta_title": "Lamp"}).json()
    assert (changed["gtin"], changed["meta_title"], changed["title"]) == ("", "Lamp", "Desk lamp")
    assert changed["brand"]["name"] == "Bosch"
    assert changed["category_ids"] == whole["category_ids"]


def test_a_price_never_travels_without_its_currency(program):
    product = create_product(title="Lamp")
    offer = make_offer(product)
    shown = program.get(f"/products/{product.pk}").json()["offers"][0]
    assert shown["price"] == {"amount": "10.00", "currency": "EUR"}
    assert program.get(f"/offers/{offer.pk}").json()["price"] == {"amount": "10.00", "currency": "EUR"}
    assert [row["id"] for row in program.get("/offers?source=adtraction").json()["items"]] == [offer.pk]


def test_many_products_are_changed_and_that_is_undone(program):
    ids = [create_product(title=f"Lamp {number}").pk for number in range(3)]
    done = program.post("/products/bulk", {"ids": ids, "action": "publish"}).json()
    assert done["count"] == 3
    assert program.get("/products?status=published").json()["items"][0]["status"] == "published"
    run = program.post("/undo", {"cause": done["cause"]})
    assert run.status_code == 202
    from catalog.services import undo

    undo.work(run.json()["id"])
    assert program.post(f"/undo/{run.json()['id']}/carry-out").status_code == 202
    undo.work(run.json()["id"])
    assert set(Product.objects.values_list("status", flat=True)) == {"draft"}
    assert program.get(f"/undo/{UndoRun.objects.get().pk}").json()["counts"] == {"taken_back": 3}
    assert program.post("/undo", {"cause": "nothing"}).status_code == 409


@pytest.mark.parametrize("action", ["category", "take", "brand"])
def test_an_action_that_lacks_something_is_refused(program, action):
    product = create_product(title="Lamp")
    assert program.post("/products/bulk", {"ids": [product.pk], "action": action}).status_code == 422


def test_what_can_be_done_with_a_product(program):
    product, other = create_product(title="Lamp"), create_product(title="Torch")
    first, second = make_offer(product, key="a"), make_offer(product, "9.00", key="b")
    path = f"/products/{product.pk}"
    assert program.put(f"{path}/main-offer", {"offer": first.pk}).json()["offers"][0]["is_main"]
    assert program.post(f"{path}/offers/move", {"offers": [second.pk], "into": other.pk}).json()["count"] == 1
    assert program.post(f"{path}/offers/remove", {"offers": [first.pk]}).json()["offers"] == []
    assert program.post(f"{path}/fields/title", {"action": "lock"}).status_code == 200
    assert program.post(f"{path}/fields/nothing", {"action": "lock"}).status_code == 409
    assert program.put(f"{path}/policies", {"policies": {"price": "never"}}).json()["policies"] == {
        "price": "never"
    }
    assert program.put(f"{path}/policies", {"policies": {"price": "maybe"}}).status_code == 422
    assert program.put(f"{path}/status", {"status": "published"}).json()["status"] == "published"
    assert program.get(f"{path}/history").json()["items"]
    assert program.get(f"{path}/prices").status_code == 200
    assert program.put(f"{path}/pictures", {"pictures": [1]}).status_code == 422
    assert program.post(f"{path}/join/{other.pk}").json()["count"] == 1
    assert program.delete(f"/products/{other.pk}?for_good=true").status_code == 409
    assert program.delete(f"/products/{other.pk}").status_code == 204
    assert program.delete(f"/products/{other.pk}?for_good=true").status_code == 204
    assert not Product.objects.filter(pk=other.pk).exists()


def test_categories_brands_and_shops_are_merged(program):
    for kind in ("categories", "brands"):
        one, two = (program.post(f"/{kind}", {"name": name}).json()["id"] for name in ("A", "B"))
        assert program.post(f"/{kind}/{one}/merge", {"into": two}).json()["id"] == two
        assert program.get(f"/{kind}/{one}").status_code == 404
        assert program.post(f"/{kind}/{two}/merge", {"into": two}).status_code == 409
    parent, child = (program.post("/categories", {"name": name}).json()["id"] for name in ("Home", "Lamps"))
    moved = program.post(f"/categories/{child}/move", {"place": "inside", "target": parent}).json()
    assert moved["parent"] == parent
    assert program.patch(f"/categories/{parent}", {"parent": child}).status_code == 422
    shops = [Shop.objects.create(name=name, slug=slug) for name, slug in (("OTTO", "otto"), ("Otto", "o2"))]
    assert program.patch(f"/shops/{shops[0].pk}", {"url": "javascript:x"}).status_code == 422
    assert program.patch(f"/shops/{shops[0].pk}", {"url": "https://otto.example/"}).json()["name"] == "OTTO"
    assert program.post(f"/shops/{shops[0].pk}/merge", {"into": shops[1].pk}).status_code == 200
    assert len(program.get("/shops").json()["items"]) == 1


def test_what_is_found_is_imported(program):
    feed = make_feed()
    feed.is_mirrored, feed.synced_at = True, timezone.now()
    feed.save()
    items = make_items(feed, 3, title="Bosch lamp")
    found = program.post("/search", {"query": {"version": 1, "keywords": "bosch"}, "limit": 2}).json()
    assert (found["total"], len(found["items"])) == (3, 2)
    assert (
        len(program.post("/search", {"query": {"version": 1}, "cursor": found["next"]}).json()["items"]) >= 1
    )
    assert program.get(f"/search/items/{items[0].pk}").json()["title"] == "Bosch lamp"
    started = program.post("/imports", {"items": [item.pk for item in items], "status": "draft"})
    assert started.status_code == 202
    run = started.json()
    assert (run["kind"], run["total_count"], run["cause"]) == ("bulk", 3, f"run:{run['id']}")
    assert program.get(f"/runs/{run['id']}/items").json()["items"][0]["verdict"] == ""
    assert program.post(f"/runs/{run['id']}/cancel").json()["state"] == "cancelled"
    assert program.post(f"/runs/{run['id']}/cancel").status_code == 409
    assert program.post(f"/runs/{run['id']}/retry").json()["count"] == 3
    assert [row["id"] for row in program.get("/runs?active=true").json()["items"]] == [run["id"]]
    edited = program.post(
        "/imports", {"items": [items[0].pk], "edits": {str(items[0].pk): {"title": "Mine"}}}
    )
    assert ImportRun.objects.get(pk=edited.json()["id"]).items.get().edits == {"title": "Mine"}
    whole = program.post("/imports", {"query": {"version": 1, "keywords": "bosch"}})
    assert whole.json()["state"] == "collecting"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": [1], "query": {"version": 1}},
        {"items": [999_999]},
        {"query": {"version": 2}},
        {"query": {"version": 1, "nonsense": 1}},
        {"query": {"version": 1, "min_price": 1.5}},
        {"items": [1], "status": "trashed"},
    ],
)
def test_an_import_of_nothing_is_refused(program, body):
    assert program.post("/imports", body).status_code == 422
    assert not ImportRun.objects.exists()


def test_feeds_are_read_and_set(program):
    feed = make_feed()
    assert program.get("/accounts").json()[0]["label"] == feed.account.label
    assert "credentials" not in program.get("/accounts").content.decode()
    shown = program.get(f"/feeds/{feed.pk}")
    path = f"/feeds/{feed.pk}"
    changed = program.patch(
        path, {"max_shrink_percent": 7, "is_mirrored": True}, If_Match=shown["ETag"]
    ).json()
    assert (changed["max_shrink_percent"], changed["is_mirrored"]) == (7, True)
    assert program.patch(path, {"max_shrink_percent": 8}, If_Match=shown["ETag"]).status_code == 412
    assert program.patch(path, {"schedule": "sometimes"}).status_code == 422
    (sync,) = program.get(f"/syncs?feed={feed.pk}").json()["items"]
    assert program.post(f"{path}/sync").status_code == 409
    assert program.post(f"/syncs/{sync['id']}/cancel").json()["state"] == "cancelled"
    assert program.post(f"{path}/sync").status_code == 202
    assert program.post(f"/syncs/{sync['id']}/accept").status_code == 409
    assert program.post(f"{path}/accept-prices", {"items": None}).json() == {"count": 0}
    assert program.get("/feeds?state=&text=nothing").json()["items"] == []


def test_saved_searches_wait_for_their_trial(program):
    body = {
        "name": "Lamps",
        "query": {"version": 1, "keywords": "lamp"},
        "keep_adding": True,
        "daily_limit": 5,
    }
    made = program.post("/saved-searches", body)
    assert made.status_code == 201, made.content
    path = f"/saved-searches/{made.json()['id']}"
    assert not made.json()["may_add"]
    assert program.post("/saved-searches", body).status_code == 422
    trial = program.get(f"{path}/trial").json()
    assert program.post(f"{path}/approve", {"fingerprint": "x"}).status_code == 412
    assert program.post(f"{path}/approve", {"fingerprint": trial["fingerprint"]}).json()["may_add"]
    seen = program.get(path)["ETag"]
    assert program.patch(path, {"daily_limit": 9}, If_Match=seen).json()["daily_limit"] == 9
    assert program.patch(path, {"daily_limit": 8}, If_Match=seen).status_code == 412
    assert not program.patch(path, {"query": {"version": 1, "keywords": "torch"}}).json()["may_add"]
    assert program.post(f"{path}/seen", {"until": "2020-01-01T00:00:00Z"}).status_code == 200
    assert program.post(f"{path}/seen", {"until": "2020-01-01T00:00:00"}).status_code == 422
    assert program.delete(path).status_code == 204
    assert not SavedSearch.objects.exists()
    save_search(ItemQuery(keywords="x"), name="Other")
    assert len(program.get("/saved-searches").json()["items"]) == 1


def test_blocks_are_made_and_taken_back(program):
    made = program.post("/blocks", {"kind": "shop", "key": "OTTO", "reason": "No stock"})
    assert made.status_code == 201
    assert [row["label"] for row in program.get("/blocks?kind=shop").json()["items"]] == ["OTTO"]
    assert program.post("/blocks", {"kind": "gtin", "key": "123"}).status_code == 422
    assert program.delete(f"/blocks/{made.json()['id']}").status_code == 204
    assert not Block.objects.exists()


def test_events_are_read_in_their_order(program):
    for name in ("A", "B", "C"):
        get_or_create_brand(name)
    page = program.get("/events?kind=brand.created&limit=2").json()
    assert [row["after"]["name"] for row in page["items"]] == ["A", "B"]
    rest = program.get(f"/events?kind=brand.created&cursor={page['next']}").json()
    assert [row["after"]["name"] for row in rest["items"]] == ["C"]
    newest = program.get("/events?kind=brand.created&newest=true").json()
    assert newest["items"][0]["after"]["name"] == "C"


def test_site_settings_are_read_and_set(program, editor):
    shown = program.get("/site")
    assert program.patch("/site", {"name": "Lamps"}, If_Match=shown["ETag"]).json()["name"] == "Lamps"
    assert program.patch("/site", {"name": "Other"}, If_Match=shown["ETag"]).status_code == 412
    assert program.patch("/site", {"currency": "nothing"}).status_code == 422
    assert program.patch("/site", {"logo": "x"}).status_code == 422
    from tests.api.conftest import make_program

    assert make_program(editor).get("/site").status_code == 403
