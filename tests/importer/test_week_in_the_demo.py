"""A newcomer plays a week, in a real browser, with a real worker and the sandbox over HTTP.

One walk: what a week brings is only seen by who imported, wrote and asked before it.
"""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from catalog.alerts.watching import watch
from catalog.models import Offer, PricePoint, Product
from events.models import Event
from importer.models import ImportRun
from mail.models import Mail
from tests.catalog.alerts.conftest import sent_to
from tests.importer.test_tasks import wait_for
from tests.importer.test_whole_job import connect, page, search  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE = 60_000  # ms
IMPORTED = 4
ADDED = 3
VISITOR = "visitor@home.example"


@pytest.fixture(autouse=True)
def mail_is_set_up(settings):
    settings.MAIL_IS_SET_UP = True


def import_by_keyboard(page: Page) -> list[Product]:  # noqa: F811
    """Go from row to row and import some; return what was made, in that order."""
    page.evaluate("document.activeElement.blur()")
    for place in range(IMPORTED):
        page.keyboard.press("j")
        row = page.locator("tr[id^=item-]").nth(place)
        expect(row.locator(":focus")).to_have_count(1)
        page.keyboard.press("i")
        expect(row).to_have_attribute("data-state", "done", timeout=PATIENCE)
    offers = Offer.objects.select_related("product").order_by("pk")
    assert len(offers) == IMPORTED
    return [offer.product for offer in offers]


def edit_title(page: Page, product: Product) -> None:  # noqa: F811
    page.goto(reverse("catalog:product-edit", args=[product.pk]))
    page.get_by_label("Title", exact=True).fill("My own title")
    page.get_by_role("button", name=re.compile("^Save")).locator("visible=true").first.click()
    expect(page.locator("#messages")).to_contain_text("aved")


def ask_for_an_alert(page: Page, product: Product) -> None:  # noqa: F811
    """Ask as a visitor does, and follow the link in the mail."""
    page.goto(product.get_absolute_url())
    product.refresh_from_db()
    page.get_by_label("Tell me below").fill(str(product.lowest_price))
    page.get_by_role("button", name="Price alert").click()
    page.get_by_label("Your e-mail address").fill(VISITOR)
    page.get_by_role("button", name="Send me the link").click()
    page.wait_for_load_state()
    mail = Mail.objects.get(kind="alert-confirm")
    link = re.search(r"https?://[^/\s]+(/\S+)", mail.text)[1]
    page.goto(link)
    page.get_by_role("button", name="Yes, write to me").click()
    page.wait_for_load_state()


def save_a_search(page: Page) -> None:  # noqa: F811
    """Keep a search that adds by itself what it finds, after a look at its trial."""
    page.goto(f"{reverse('importer:search-all')}?keywords=jacke")
    page.get_by_role("link", name="Save this search").click()
    page.get_by_label("Keep adding what it finds").check()
    page.get_by_label("At most a day").fill(str(ADDED))
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Looks right").click()
    expect(page.locator("#saved_detail")).to_contain_text("approved by")


def what_it_added() -> ImportRun:
    """Return the run of the saved search: once its trial was looked at, it adds unasked."""
    wait_for(lambda: ImportRun.objects.filter(saved_search__isnull=False, state="done").exists())
    return ImportRun.objects.get(saved_search__isnull=False)


def undo(page: Page, run: ImportRun) -> None:  # noqa: F811
    """Look at the plan first, then carry it out."""
    page.goto(run.get_absolute_url())
    page.get_by_role("button", name="Undo this run").click()
    expect(page.locator("main")).to_contain_text("nothing is changed yet", timeout=PATIENCE)
    page.get_by_role("button", name="Undo now").click()
    expect(page.get_by_role("button", name="Undo this undo")).to_be_visible(timeout=PATIENCE)


def let_a_week_pass(page: Page) -> None:  # noqa: F811
    page.goto(reverse("dashboard:home"))
    page.get_by_role("link", name="Let a week pass").click()
    page.get_by_role("button", name=re.compile("Let week . pass")).click()
    expect(page.locator("#messages")).to_contain_text("A week has passed")
    expect(page.locator("#week_state")).to_contain_text(re.compile(r"\d feeds? read, "), timeout=PATIENCE)


def row_of(page: Page, product: Product):  # noqa: F811
    return page.locator("#week_state tbody tr", has_text=product.title)


def test_a_newcomer_plays_a_week(page, sandbox, worker):  # noqa: F811
    connect(page, "adtraction")
    search(page, "adtraction", "jacke")
    first, gone, dearer, _ = import_by_keyboard(page)
    prices = {offer.product_id: offer.price for offer in Offer.objects.all()}
    edit_title(page, first)
    ask_for_an_alert(page, first)
    before = set(Product.objects.values_list("pk", flat=True))
    save_a_search(page)

    let_a_week_pass(page)
    # What the feeds say is taken over by runs of its own, after the syncs.
    wait_for(lambda: Offer.objects.get(product=gone).expired_at)
    wait_for(lambda: all(Offer.objects.get(product=each).changed_at for each in (first, dearer)))
    page.reload()
    first.refresh_from_db()
    assert first.title == "My own title"
    expect(row_of(page, first)).to_contain_text("Cheaper")
    expect(row_of(page, gone)).to_contain_text("No longer listed")
    expect(row_of(page, dearer)).to_contain_text("Dearer")
    now = {offer.product_id: offer.price for offer in Offer.objects.all()}
    assert now[first.pk] < prices[first.pk]
    assert now[dearer.pk] > prices[dearer.pk]

    # The title stayed, and the list and the editor say that the shop wrote another since.
    page.goto(reverse("catalog:product-list"))
    expect(page.locator("tr", has_text="My own title")).to_contain_text("Feed moved")
    page.goto(reverse("catalog:product-edit", args=[first.pk]))
    expect(page.get_by_role("button", name=re.compile("Keep mine.*[Tt]itle"))).to_be_visible()

    # The visitor sees the price of today, the week before it, and what is gone.
    page.goto(first.get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_have_text("My own title")
    history = page.locator("#history")
    history.get_by_text("Prices as a table").click()
    expect(history.locator("tbody tr")).to_have_count(2)
    points = PricePoint.objects.filter(offer__product=first)
    assert [point.price for point in points] == [prices[first.pk], now[first.pk]]
    page.goto(gone.get_absolute_url())
    expect(page.locator("main")).to_contain_text(re.compile("[Nn]ot available|[Nn]o longer"))
    watch(seconds=5)
    (alert,) = sent_to(VISITOR)
    assert "My own title" in alert.subject + alert.text

    added = what_it_added()
    new = Product.objects.exclude(pk__in=before)
    assert len(new) == added.created_count > 0
    undo(page, added)
    assert {product.status for product in new.all()} == {"trashed"}
    assert not Product.objects.filter(pk__in=before, status="trashed").exists()
    assert page.request.get(new[0].get_absolute_url()).status == 410

    let_a_week_pass(page)
    wait_for(lambda: Offer.objects.get(product=gone).expired_at is None)
    page.reload()
    expect(row_of(page, gone)).to_contain_text("To be had again")
    assert [event.after["week"] for event in Event.objects.filter(kind="week.passed").order_by("id")] == [
        1,
        2,
    ]
