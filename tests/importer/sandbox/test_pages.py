"""What stands behind the links: pictures, shops' pages, click servers that remember sub-ids."""

from io import BytesIO

import pytest
import requests
from PIL import Image

from importer.sandbox import links
from importer.sandbox.catalogue.items import Catalogue
from importer.sandbox.catalogue.shops import FEEDS


def fetch(sandbox, path, **options):
    return requests.get(sandbox.url + path, timeout=10, **options)


@pytest.mark.parametrize(
    ("path", "kind", "size"),
    [
        ("/images/0.jpg", "JPEG", (640, 640)),
        ("/images/1-3.jpg", "JPEG", (640, 640)),
        ("/images/2.png", "PNG", (640, 640)),
        ("/images/placeholder.png", "PNG", (640, 640)),
        ("/logos/otto.png", "PNG", (480, 160)),
    ],
)
def test_pictures_are_real_and_the_same_each_time(sandbox, path, kind, size):
    response = fetch(sandbox, path)
    picture = Image.open(BytesIO(response.content))
    assert response.headers["Content-Type"] == f"image/{kind.lower()}"
    assert (picture.format, picture.size) == (kind, size)
    assert fetch(sandbox, path).content == response.content


@pytest.mark.parametrize(
    "path", ["/images/999999999.jpg", "/images/x.jpg", "/logos/nobody.png", "/shop/otto/2999", "/nothing"]
)
def test_what_is_not_there_is_404(sandbox, path):
    assert fetch(sandbox, path).status_code == 404


def test_scripts_of_a_feed_do_not_run_on_the_shops_page(sandbox):
    catalogue = sandbox.state.catalogue
    item = next(i for i in map(catalogue.item, range(3000)) if i.oddity == "script_in_description")
    page = fetch(sandbox, f"/shop/{item.feed.shop.slug}/{item.number}").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def first_item(network, direct=False):
    catalogue = Catalogue(3000)
    feed = next(
        feed
        for feed in FEEDS
        if feed.network == network and (network != "tradetracker" or (feed.program_id % 3 == 0) == direct)
    )
    return next(item for item in catalogue.rows(feed) if not item.oddity)


@pytest.mark.parametrize(
    ("network", "direct", "label"),
    [
        ("tradedoubler", False, lambda link: f"{link}epi(label)"),
        ("adtraction", False, lambda link: link.replace("&url=", "&epi=label&url=")),
        ("tradetracker", False, lambda link: link.replace("&r=&", "&r=label&")),
        ("tradetracker", True, lambda link: link.replace("_&r=", "_label&r=")),
    ],
    ids=["paren form", "raw url last", "click link", "direct link"],
)
def test_click_leads_to_the_shop_and_the_sub_id_is_remembered(sandbox, network, direct, label):
    item = first_item(network, direct)
    link = {
        "tradedoubler": links.tradedoubler_link,
        "adtraction": lambda base, item: links.adtraction_link(base, item, "1039000001"),
        "tradetracker": lambda base, item: links.tradetracker_link(base, item, "51000"),
    }[network](sandbox.url, item)
    response = requests.get(label(link), timeout=10)
    assert response.status_code == 200
    # The shop may get a reference besides, by which it reports what was bought.
    assert response.url.partition("?ttref=")[0] == sandbox.url + item.link
    click = fetch(sandbox, "/_control/clicks").json()[-1]
    assert (click["network"], click["sub_id"]) == (network, "label")


def test_part_of_a_direct_links_reference_after_an_underscore_is_lost():
    assert links.read_tradetracker("tt=1_2_3_my_label&r=x")["sub_id"] == "my"


def test_epi_after_the_destination_of_adtraction_is_lost():
    click = links.read_adtraction("a=1&as=2&t=2&tk=1&url=https://shop.example/?a=b&epi=late")
    assert click["sub_id"] == ""
    assert click["url"] == "https://shop.example/?a=b&epi=late"


def test_tradedoubler_query_form_is_read_too():
    click = links.read_tradedoubler("p=1&a=2&epi=one&epi2=two&url=https%3A%2F%2Fshop.example%2F")
    assert (click["sub_id"], click["sub_id2"], click["url"]) == ("one", "two", "https://shop.example/")


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/", "//elsewhere.example/shop", "javascript:alert(1)"]
)
def test_click_servers_are_no_open_redirectors(sandbox, url):
    response = fetch(sandbox, f"/t/t?a=1&as=2&t=2&tk=1&url={url}", allow_redirects=False)
    assert response.status_code == 404
