"""Coming from WordPress: what is external comes over once, streamed, and can be taken back."""

import json
import resource
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.models import OldAddress, Product
from importer.wordpress.importing import import_products, read_file
from importer.wordpress.rows import BadRow, Written, clean
from importer.wordpress.wxr import read_wxr

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<wp:term><wp:term_taxonomy>product_cat</wp:term_taxonomy><wp:term_slug>home</wp:term_slug>
<wp:term_parent></wp:term_parent><wp:term_name>Home</wp:term_name></wp:term>
<wp:term><wp:term_taxonomy>product_cat</wp:term_taxonomy><wp:term_slug>lamps</wp:term_slug>
<wp:term_parent>home</wp:term_parent><wp:term_name>Lamps</wp:term_name></wp:term>
"""
PICTURE = """<item><title>p</title><wp:post_id>900</wp:post_id><wp:post_type>attachment</wp:post_type>
<wp:attachment_url>https://old.example/a.jpg</wp:attachment_url></item>"""


def product(
    pk=1, *, kind="external", price="19.90", sale="", link="https://www.shop.example/lamp?tag=me", **more
):
    values = {"title": f"Lamp {pk}", "gtin": "", "text": "<p>Good &amp; bright</p>"} | more
    return f"""<item><title>{values["title"]}</title><link>https://old.example/shop/lamp-{pk}/</link>
<excerpt:encoded><![CDATA[short]]></excerpt:encoded><content:encoded><![CDATA[{values["text"]}]]></content:encoded>
<wp:post_id>{pk}</wp:post_id><wp:status>publish</wp:status><wp:post_type>product</wp:post_type>
<category domain="product_type" nicename="{kind}"><![CDATA[{kind}]]></category>
<category domain="product_cat" nicename="lamps"><![CDATA[Lamps]]></category>
<category domain="product_brand" nicename="bosch"><![CDATA[Bosch]]></category>
<wp:postmeta><wp:meta_key>_product_url</wp:meta_key><wp:meta_value><![CDATA[{link}]]></wp:meta_value></wp:postmeta>
<wp:postmeta><wp:meta_key>_regular_price</wp:meta_key><wp:meta_value>{price}</wp:meta_value></wp:postmeta>
<wp:postmeta><wp:meta_key>_sale_price</wp:meta_key><wp:meta_value>{sale}</wp:meta_value></wp:postmeta>
<wp:postmeta><wp:meta_key>_global_unique_id</wp:meta_key><wp:meta_value>{values["gtin"]}</wp:meta_value></wp:postmeta>
<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>900</wp:meta_value></wp:postmeta></item>
"""


def wxr(*parts: str) -> bytes:
    return (HEAD + "".join(parts) + "</channel></rss>").encode()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "export.xml"
    path.write_bytes(
        wxr(
            product(1, gtin="4006381333931", sale="15.00"),
            product(2, kind="simple"),
            product(3, price="1.299,00"),
            product(4, link="http://shop.example/"),
            product(5, price=""),
            PICTURE,
        )
    )
    return path


def run(path, **options):
    out = StringIO()
    call_command("wordpress_import", path, json=True, stdout=out, **options)
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_external_products_come_over_whole(file, client):
    assert run(file)["new"] == 1
    assert not Product.objects.exists()
    result = run(file, apply=True, currency="SEK")
    assert (result["new"], result["bad"]) == (1, 4)
    made, offer = Product.objects.get(), Product.objects.get().offers.get()
    assert (made.title, made.gtin, made.brand.name) == ("Lamp 1", "4006381333931", "Bosch")
    assert made.status == "published"
    assert "bright" in made.description
    assert (offer.price, offer.old_price, offer.currency) == (Decimal("15.00"), Decimal("19.90"), "SEK")
    assert offer.tracking_url == "https://www.shop.example/lamp?tag=me"
    assert offer.shop.name == "shop.example"
    assert [image.source_url for image in made.images.all()] == ["https://old.example/a.jpg"]
    category = made.categories.get()
    assert (category.name, category.parent.name) == ("Lamps", "Home")
    response = client.get("/shop/lamp-1/")
    assert (response.status_code, response["Location"]) == (301, made.get_absolute_url())
    assert client.get("/shop/lamp-1").status_code == 301
    assert client.get("/shop/lamp-9/").status_code == 404


@pytest.mark.django_db
def test_the_same_file_again_makes_nothing(file):
    run(file, apply=True)
    result = run(file, apply=True)
    assert (result["new"], result["known"]) == (0, 1)
    assert Product.objects.count() == 1


@pytest.mark.django_db
def test_an_import_is_taken_back(file, client):
    result = run(file, apply=True)
    call_command("undo_run", result["cause"], inline=True, stdout=StringIO())
    assert not Product.objects.exclude(status="trashed").exists()
    assert client.get("/shop/lamp-1/").status_code == 404


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"price": "1,299.00"}, "Its price cannot be read for sure"),
        ({"price": "0"}, "Its price cannot be read for sure"),
        ({"price": "-5"}, "Its price cannot be read for sure"),
        ({"price": ""}, "It has no price"),
        ({"link": "javascript:alert(1)"}, "Its link is no https address"),
        ({"link": ""}, "It has no link"),
        ({"title": " "}, "It has no title"),
        ({"kind": "variable"}, "It is a variable product"),
    ],
)
def test_what_is_in_doubt_is_not_imported(values, reason):
    written = {"id": "1", "title": "Lamp", "link": "https://shop.example/", "price": "1.50"} | values
    with pytest.raises(BadRow, match=reason):
        clean(Written(**written))


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body>Log in</body></html>",
        wxr(product(1))[:-60],
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaa">]><rss><channel><item/></channel></rss>',
        b"ID,Name\n1,Lamp\n",
        b"\xff\xfe\x00",
        b"",
    ],
    ids=["a web page", "cut", "entities", "another CSV", "no text", "empty"],
)
@pytest.mark.django_db
def test_what_is_no_export_is_refused(content, tmp_path):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(CommandError):
        call_command("wordpress_import", tmp_path / "file")


@pytest.mark.django_db
def test_a_csv_of_woocommerce_comes_over(tmp_path):
    head = "ID,Type,SKU,Name,Published,Description,Sale price,Regular price,"
    head += "Categories,Images,External URL,Brands"
    row = "7,external,S1,Torch,1,<b>Bright</b>,,9.50"
    row += ',"Home > Torches, Sale",https://old.example/t.jpg,https://shop.example/t,Varta'
    (tmp_path / "export.csv").write_text(f"\ufeff{head}\n{row}\n", encoding="utf-8")
    assert run(tmp_path / "export.csv", apply=True)["new"] == 1
    made = Product.objects.get()
    assert {category.name for category in made.categories.all()} == {"Torches", "Sale"}
    assert (made.brand.name, made.lowest_price) == ("Varta", Decimal("9.50"))
    assert not OldAddress.objects.exists()


class Endless:
    """An export of so many megabytes, made while it is read."""

    def __init__(self, megabytes: int) -> None:
        self.item = product(1, text="x" * 20_000).encode()
        self.count = megabytes * 10**6 // len(self.item)
        self.seek(0)

    def seek(self, place: int) -> None:
        self.parts = iter([HEAD.encode(), *[self.item] * self.count, b"</channel></rss>"])
        self.rest = b""

    def read(self, size: int) -> bytes:
        while len(self.rest) < size and (part := next(self.parts, b"")):
            self.rest += part
        data, self.rest = self.rest[:size], self.rest[size:]
        return data


def test_a_large_export_takes_no_more_memory_than_a_small_one():
    for _ in read_wxr(Endless(5)):
        pass
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    export = Endless(60)
    assert sum(1 for _ in read_wxr(export)) == export.count
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 15_000  # kB


def test_categories_in_a_circle_end():
    terms = "".join(
        f"<wp:term><wp:term_taxonomy>product_cat</wp:term_taxonomy><wp:term_slug>{one}</wp:term_slug>"
        f"<wp:term_parent>{other}</wp:term_parent><wp:term_name>{one}</wp:term_name></wp:term>"
        for one, other in (("lamps", "home"), ("home", "lamps"))
    )
    (written,) = read_wxr(BytesIO(wxr(terms, product(1))))
    assert len(written.categories[0]) <= 21
    assert not clean(written).categories  # too deep to be meant


@pytest.mark.django_db
def test_one_ean_twice_in_a_file_is_one_product(tmp_path):
    (tmp_path / "e.xml").write_bytes(wxr(product(1, gtin="4006381333931"), product(2, gtin="4006381333931")))
    report = import_products(read_file(tmp_path / "e.xml"), currency="EUR", site="old", key="wordpress:1")
    assert (report.counts["new"], report.counts["known"]) == (1, 1)
