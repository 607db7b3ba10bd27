"""No page of the dashboard is wider than the window, whatever stands in it."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.urls import URLPattern, reverse
from django.utils import timezone

import catalog.urls
import dashboard.urls
import desk.urls
import importer.urls
import pages.urls
from catalog import services
from catalog.models import Brand, Category, DailyClicks, Offer, PricePoint, Product, Shop, UndoItem, UndoRun
from desk.models import Application, PendingSale
from desk.services.conversions import create_key, take
from importer.imports.runs import start_import
from importer.imports.saved import save_search
from importer.models import CategoryMapping, ImportItem, JoinDoubt, MappingRun, SyncRun
from importer.networks.query import ItemQuery
from importer.search.blocks import add_block
from mail.models import Mail
from mail.outbox import Letter, put
from pages.models import MenuItem, Post
from pages.services import add_item, create_post, save_post
from tests.desk.make import make_desk_account
from tests.importer.make import make_account, make_feed, make_item, make_items

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 768, 780, 900, 1024, 1100, 1280, 1920)
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
TITLE = f"Fahrradkettenschaltungsreinigungsbürste mit Ersatzborsten für alle gängigen Modelle, {WORD}"
SENTENCE = f"Der Feed von {WORD} ist nur halb so lang wie zuvor: 12.345 Produkte statt 2.345.678. " * 2
# What a page is about, where its route's name does not begin with it.
ABOUT = {"search-section": "account", "index-state": "account", "category-options": "account"}
ABOUT |= dict.fromkeys(("mapping-run", "mapping-apply", "mapping-cancel"), "mapping_run")

# What scrolls by itself may be as wide as it likes.
MEASURE = """() => {
  const room = document.documentElement.clientWidth;
  const scrolls = "[data-scroll], .tabs, pre, .prose-editor, .visually-hidden";
  const wide = [...document.querySelectorAll("main *, .bar *")].filter(
    (element) => element.getBoundingClientRect().right > room + 1 && !element.closest(scrolls));
  const cards = [...document.querySelectorAll(".card, .table-card")].filter(
    (card) => card.scrollWidth > card.clientWidth + 1);
  return {
    over: Math.max(0, document.documentElement.scrollWidth - innerWidth),
    wide: wide.slice(0, 3).map((element) => element.outerHTML.slice(0, 120)),
    cards: cards.map((card) => `${card.id} ${card.className} ${card.scrollWidth - card.clientWidth}`),
  };
}"""


def make_products() -> Product:
    brand = Brand.objects.create(name=WORD, slug="brand")
    categories = [services.get_or_create_category(f"{WORD} {number}"[:100]) for number in range(2)]
    shops = [Shop.objects.create(name=f"{WORD} {number}"[:100], slug=f"s{number}") for number in range(5)]
    now = timezone.now()
    for number, status in enumerate(["published", "trashed", "draft", "draft"]):
        product = services.create_product(title=f"{TITLE} {number}", brand=brand)
        product.categories.set(categories)
        services.change_status(product, status=status)
        for shop in shops:
            offer = Offer.objects.create(
                product=product,
                shop=shop,
                title=TITLE,
                price=Decimal("1234567.89"),
                old_price=Decimal("2234567.89"),
                currency="SEK",
                in_stock=shop.pk % 2 == 0,
                source="adtraction",
                source_key=f"adtraction:{number}:{shop.pk}",
                tracking_url=f"https://track.example/{WORD}",
                checked_at=now,
            )
            for days in range(3):
                day = timezone.localdate() - timedelta(days=9 * days)
                DailyClicks.objects.create(offer=offer, day=day, place="top", count=1_234_567)
            for days in (20, 3):
                at = now - timedelta(days=days)
                PricePoint.objects.create(
                    offer=offer, price=10 + days, currency="SEK", in_stock=True, recorded_at=at
                )
    services.refresh_prices([product.pk])
    return product


def make_post(product: Product) -> Post:
    text = f"<p>{SENTENCE}{WORD}</p><p>[product {product.pk}]</p>"
    category = Category.objects.first()
    post = create_post(kind="guide", title=TITLE, text=text, author=WORD, categories=[category])
    save_post(post.pk, title=f"{TITLE} {WORD}", text=f"<p>{WORD * 3}</p>{text}")
    for menu in ("header", "footer"):
        top = add_item(menu, post=post)
        add_item(menu, url=f"https://example.com/{WORD}", parent=top)
    return post


def make_undo(product: Product) -> UndoRun:
    services.update_product(product, title=f"{TITLE} {WORD}", description=f"<p>{SENTENCE}</p>")
    run = UndoRun.objects.create(cause="bulk:1", state="planned", total_count=1_234_567)
    UndoItem.objects.create(run=run, product_id=product.pk, planned="kept", message=SENTENCE)
    return run


def make_desk() -> dict[str, int]:
    """What the pages of the desk are about."""
    account = make_desk_account(label=WORD[:60], programs={"1": TITLE}, check_error=SENTENCE)
    now = timezone.now()
    channels = make_desk_account("adtraction", "channels", label="c" + WORD[:50])
    Application.objects.create(
        account=channels,
        external_id="1",
        name=WORD,
        url=f"https://{WORD[:50]}.example/{WORD}",
        kind=WORD[:60],
        partner=TITLE[:200],
        description=SENTENCE,
        status="applied",
        read_at=now,
        state="failed",
        problem=SENTENCE[:400],
    )
    PendingSale.objects.create(
        account=channels,
        external_id="1",
        order_number=WORD[:100],
        source=WORD[:200],
        program=TITLE[:200],
        status="pending",
        read_at=now,
        order_value="99999999.99",
        commission="999999.99",
        currency="EUR",
        ends_at=now,
        problem=SENTENCE[:400],
    )
    campaign = make_desk_account("tradetracker", "conversions", label="k" + WORD[:50])
    take(campaign, [{"tid": WORD[:100], "amount": "99999999", "currency": "EUR"}])
    key, _ = create_key(campaign, WORD[:60], None)
    program = make_desk_account("tradedoubler", "management", label="p" + WORD[:50], role="owner")
    return {"desk_account": account.pk, "desk_key": key.pk, "desk_program": program.pk}


@pytest.fixture
def subjects(transactional_db, django_user_model) -> dict[str, int]:
    """One of each thing that pages are about, with all that is long."""
    product = make_products()
    account, other = make_account("adtraction", check_error=SENTENCE), make_account("adtraction")
    for each in (account, other):
        each.label = f"{WORD[:50]} {each.pk}"
        each.save()
    program = account.programs.create(external_id="1", name=TITLE)
    feeds = [
        make_feed(account, name=f"{WORD} {number}", program=program, item_count=1_234_567, language="de")
        for number in range(5)
    ]
    for feed, state in zip(feeds, ["done", "held", "failed", "queued", "running"], strict=True):
        SyncRun.objects.create(
            feed=feed,
            state=state,
            message="" if state == "done" else SENTENCE,
            new_count=1_234_567,
            unchanged_count=2_345_678,
            bad_count=12,
            bad_samples=[{"reason": SENTENCE, "row": WORD * 9}],
            item_count=1_234_567,
            byte_count=123_456_789,
            started_at=timezone.now(),
            finished_at=None if state in ("queued", "running") else timezone.now(),
        )
    long = {"title": TITLE, "shop_name": WORD[:100], "brand": WORD[:100], "gtin": "4006381333931"}
    long |= {"category": f"Sport > {WORD} > {TITLE}", "price": Decimal("1234567.89"), "currency": "SEK"}
    items = make_items(feeds[0], count=6, in_stock=True, old_price=Decimal("2234567.89"), **long)
    items.append(make_item(feeds[0], **long | {"price": None}))
    run = start_import([item.pk for item in items[:4]], kind="bulk", user=User.objects.first())
    ImportItem.objects.filter(run=run).update(verdict="failed", message=SENTENCE)
    for name in ("created", "joined", "updated", "expired", "unchanged", "blocked", "invalid", "failed"):
        setattr(run, f"{name}_count", 123_456)
    run.state, run.message, run.total_count = "failed", SENTENCE, 1_234_567
    run.save()
    start_import([items[4].pk], kind="quick")
    doubt = JoinDoubt.objects.create(
        kind="join", source_key=items[5].source_key, product=product, reason=SENTENCE
    )
    query = ItemQuery(keywords="Fahrradkettenschaltungsreinigungsbürste", shops=(WORD,))
    saved = save_search(query, name=f"{WORD} {TITLE}"[:120], keep_adding=True)
    for kind, key in (("words", WORD), ("gtin", "4006381333931")):
        add_block(kind, key, label=f"{TITLE} {kind}", reason=SENTENCE[:300], user=User.objects.first())
    lines = [
        CategoryMapping.objects.create(
            **{"program_key": "adtraction:1", "key": f"{WORD} {number}", "shop_name": WORD, "confidence": 99},
            **{"name": f"{WORD} > {TITLE}"[:300], "item_count": 1_234_567, "reason": SENTENCE},
            proposed_ids=list(Category.objects.values_list("pk", flat=True)),
        )
        for number in range(2)
    ]
    ids = ",".join(map(str, lines[0].proposed_ids))
    counted = {"given": 1_234_567, "left": 1, "same": 1, "categories": {ids: 1_234_567}}
    counted["samples"] = {name: [[product.pk, TITLE, lines[0].proposed_ids]] for name in (ids, "left")}
    mapping_run = MappingRun.objects.create(state="planned", plan=counted, mapping=lines[0])
    user = django_user_model.objects.create_user(WORD, email=f"{WORD[:60]}@{WORD[:60]}.example")
    letter = Letter(kind="digest", recipient="ada@shop.example", subject=TITLE, text=SENTENCE + WORD * 5)
    put([letter])
    return {
        "mail": Mail.objects.get().pk,
        "product": product.pk,
        "category": Category.objects.first().pk,
        "brand": Brand.objects.get().pk,
        "shop": Shop.objects.first().pk,
        "account": account.pk,
        "feed": feeds[1].pk,
        "sync": SyncRun.objects.first().pk,
        "item": items[5].pk,
        "run": run.pk,
        "doubt": doubt.pk,
        "mapping": lines[0].pk,
        "mapping_run": mapping_run.pk,
        "undo": make_undo(product).pk,
        "revision": product.revisions.first().pk,
        "user": user.pk,
        "saved": saved.pk,
        "post": (post := make_post(product)).pk,
        "post_revision": post.revisions.last().pk,
        "menu": MenuItem.objects.first().pk,
        **make_desk(),
    }


def addresses(client, subjects: dict[str, int]) -> list[str]:
    """Return the address of each page of the dashboard: what answers a GET with a whole page."""
    found = [reverse("password_change"), f"{reverse('importer:search-all')}?keywords={WORD[:40]}"]
    for urls in (dashboard.urls, importer.urls, catalog.urls, desk.urls, pages.urls):
        for pattern in urls.urlpatterns:
            address = reverse(
                f"{urls.app_name}:{pattern.name}", kwargs=arguments(urls.app_name, pattern, subjects)
            )
            response = client.get(address)
            if response.status_code == 200 and not response.streaming and b"menu-toggle" in response.content:
                found.append(address)
    return found


def arguments(app: str, pattern: URLPattern, subjects: dict[str, int]) -> dict:
    about = ABOUT.get(pattern.name, pattern.name.partition("-")[0])
    if app == "desk":
        about = f"desk_{about}"
    known = {
        "network": "adtraction",
        "run": subjects["run"],
        "revision": subjects["revision"],
        "pk": subjects.get(about, 1),
        "token": "x",
        "kind": "x",
        "account": subjects["desk_program"],
        "call": "statistics",
        "section": "guides",
        "offer": 1,
    }
    if app == "pages":
        known["revision"] = subjects["post_revision"]
    return {name: known[name] for name in pattern.pattern.converters}


def test_no_page_is_wider_than_the_window(admin_page, admin_client, subjects):
    pages = addresses(admin_client, subjects)
    assert len(pages) > 30, pages
    faults = []
    for address in pages:
        admin_page.goto(address, wait_until="load")
        for width in WIDTHS:
            admin_page.set_viewport_size({"width": width, "height": 900})
            found = admin_page.evaluate(MEASURE)
            if any(found.values()):
                faults.append(f"{re.sub('[0-9]{3,}', 'n', address)[:60]} at {width}: {found}")
    assert not faults, "\n" + "\n".join(faults)
