"""What visitors see of pages and guides."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog import services as catalogue
from catalog.models import Brand, SiteSettings
from catalog.site import shared
from pages import services
from pages.lib.addresses import KEPT_FREE, is_reserved
from pages.models import Post


def read(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def test_a_guide_and_a_page_have_their_addresses(client, make_post):
    assert "<h1>The best lamps</h1>" in read(client, make_post().get_absolute_url())
    page = make_post("Imprint", kind="page", text="<p>Anna, Street 1</p>")
    assert page.get_absolute_url() == "/imprint/"
    assert "Anna, Street 1" in read(client, "/imprint/")


@pytest.mark.parametrize("status", ["draft", "trashed"])
def test_what_was_never_published_is_not_there(client, make_post, status):
    read(client, make_post(status=status).get_absolute_url(), 404)


def test_a_renamed_post_leads_on_and_a_trashed_one_is_gone(client, make_post):
    post = make_post()
    services.save_post(post.pk, slug="lamps")
    assert client.get("/guides/the-best-lamps/").url == "/guides/lamps/"
    services.change_status([post.pk], "trashed")
    for slug in ("lamps", "the-best-lamps"):
        assert client.get(f"/guides/{slug}/").status_code in (301, 410)
    assert "This page is gone" in read(client, "/guides/lamps/", 410)
    services.delete_permanently([post.pk])
    read(client, "/guides/lamps/", 410)
    read(client, "/guides/the-best-lamps/", 410)
    make_post("Lamps")  # the address may be used again
    read(client, "/guides/lamps/")


def test_a_draft_may_be_renamed_without_a_trace(client, make_post):
    post = make_post(status="draft")
    services.save_post(post.pk, slug="lamps")
    read(client, "/guides/the-best-lamps/", 404)


@pytest.mark.parametrize(
    "slug", ["about", "search", "guides", "healthz", "dashboard", "robots", "media", "api"]
)
def test_no_page_takes_an_address_of_the_site(db, slug):
    assert is_reserved(slug)
    with pytest.raises(services.PostError, match="site's own"):
        services.create_post(kind="page", title="X", slug=slug)
    assert services.create_post(kind="page", title=slug).slug == f"{slug}-2"


def test_every_first_part_of_an_address_is_reserved(db):
    from pages.lib.addresses import _first_parts

    assert {"product", "category", "go", "feed", "picture", "media", "style-"} & _first_parts()
    assert not is_reserved("imprint")
    assert not KEPT_FREE & {"imprint", "privacy", "contact"}


def test_two_guides_of_one_title_get_two_addresses(make_post):
    assert make_post().slug != make_post().slug


def test_blocks_show_products_with_their_price_and_marked_links(client, make_post, make_product, make_offer):
    product = make_product("Red <b>lamp</b>")
    offer = make_offer(product, "79.90")
    text = (
        f"<p>[product {product.pk}]</p><p>now [price {product.pk}]</p><p>[button {product.pk} text='x']</p>"
    )
    post = make_post(text=text.replace("'", '"'))
    html = read(client, post.get_absolute_url())
    assert "Red &lt;b&gt;lamp&lt;/b&gt;" in html
    assert '<strong class="price-now">€79.90</strong>' in html
    links = re.findall(r'<a class="button" href="(/go/[^"]+)" rel="([^"]+)"', html)
    assert links == [(f"/go/{offer.pk}/guide/", "sponsored nofollow noopener")] * 2
    assert html.index("Advertisement:") < html.index('class="box"')
    assert client.get(links[0][0]).status_code == 302


def test_an_old_price_is_hidden_in_blocks_too(client, make_post, make_product, make_offer):
    product = make_product()
    make_offer(product, "79.90", checked_at=timezone.now() - timedelta(days=400))
    post = make_post(text=f"<p>[product {product.pk}]</p><p>[price {product.pk}]</p>")
    assert "79.90" in read(client, post.get_absolute_url())
    catalogue.hide_old_prices()
    html = read(client, post.get_absolute_url())
    assert "79.90" not in html
    assert html.count("Price: see shop") == 2


def test_a_product_that_cannot_be_had_has_no_button(client, make_post, make_product, make_offer):
    product = make_product()
    make_offer(product, "79.90", in_stock=False)
    html = read(
        client,
        make_post(text=f"<p>[product {product.pk}]</p><p>[button {product.pk}]</p>").get_absolute_url(),
    )
    assert "79.90" not in html
    assert "/go/" not in html
    assert "Not available right now" in html
    assert "Advertisement:" not in html.partition("<footer")[0]


@pytest.fixture
def lamps(make_product, make_offer):
    """Five lamps of two brands at 10 to 50 EUR, one in another currency, one sold out, one draft."""
    lamp, desk = catalogue.get_or_create_category("Lamps"), catalogue.get_or_create_category("Desk lamps")
    brands = [
        Brand.objects.create(name=name, slug=slug) for name, slug in (("Acme & Co", "acme"), ("Beta", "beta"))
    ]
    made = [
        make_product(
            f"Lamp {number}",
            categories=[lamp],
            brand=brands[number % 2],
            attributes={"weight": f"{number} kg"},
        )
        for number in range(1, 6)
    ]
    for number, product in enumerate(made, 1):
        make_offer(product, f"{number}0.00")
    make_offer(make_product("Lamp SEK", categories=[lamp]), "5", currency="SEK")
    make_offer(make_product("Lamp gone", categories=[lamp]), "1", in_stock=False)
    make_offer(make_product("Lamp draft", categories=[lamp], status="draft"), "1")
    make_offer(make_product("Chair", categories=[desk]), "2")
    return made


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        ("category=lamps", ["Lamp 1", "Lamp 2", "Lamp 3", "Lamp 4", "Lamp 5"]),
        ("category=Lamps count=2", ["Lamp 1", "Lamp 2"]),
        ("category=lamps sort=-price max=40 count=2", ["Lamp 4", "Lamp 3"]),
        ("category=lamps min=20 max=30", ["Lamp 2", "Lamp 3"]),
        ('brand="acme &amp; co" count=2', ["Lamp 2", "Lamp 4"]),
        ("brand=beta category=lamps", ["Lamp 1", "Lamp 3", "Lamp 5"]),
        ("category=lamps sort=newest count=1 max=50", ["Lamp 5"]),
    ],
)
def test_a_list_is_filled_from_the_catalogue(client, make_post, lamps, options, titles):
    html = read(client, make_post(text=f"<p>[top {options}]</p>").get_absolute_url())
    assert re.findall(r'box-title"><a href="[^"]+">([^<]+)<', html) == titles


def test_a_list_stays_true(client, make_post, make_offer, make_product, lamps):
    post = make_post(text="<p>[top category=lamps count=1]</p>")
    assert "Lamp 1" in read(client, post.get_absolute_url())
    catalogue.trash([lamps[0].pk])
    html = read(client, post.get_absolute_url())
    assert "Lamp 1" not in html
    assert "Lamp 2" in html


def test_a_table_compares_what_it_is_told_to(client, make_post, lamps):
    first, second = lamps[:2]
    html = read(
        client,
        make_post(text=f"<p>[compare {second.pk} {first.pk} attributes=Gewicht]</p>").get_absolute_url(),
    )
    table = html.partition("<table>")[2].partition("</table>")[0]
    assert re.findall(r"<td>(\d\skg)</td>", table) == ["2\xa0kg", "1\xa0kg"], table
    assert "Weight" in table


def test_a_picked_list_keeps_its_order_and_loses_what_goes(client, make_post, lamps):
    picked = " ".join(str(lamps[place].pk) for place in (2, 0, 4))
    post = make_post(text=f"<p>[top {picked}]</p>")
    catalogue.trash([lamps[0].pk])
    html = read(client, post.get_absolute_url())
    assert re.findall(r'box-title"><a href="[^"]+">([^<]+)<', html) == ["Lamp 3", "Lamp 5"]


def test_a_product_that_goes_is_told_to_editors_and_to_nobody_else(client, editor_client, make_post, lamps):
    post = make_post(text=f"<p>Look</p><p>[product {lamps[0].pk}]</p><p>end</p>")
    catalogue.trash([lamps[0].pk])
    html = read(client, post.get_absolute_url())
    assert "[product" not in html
    assert "Look" in html
    assert "Advertisement:" not in html.partition("<footer")[0]
    told = read(editor_client, post.get_absolute_url())
    assert "(“Lamp 1”) is in the trash" in told


def test_a_product_that_became_part_of_another_is_shown_as_that_one(client, make_post, lamps):
    post = make_post(text=f"<p>[product {lamps[0].pk}]</p>")
    catalogue.join_products(lamps[0], into=lamps[1])
    assert "Lamp 2" in read(client, post.get_absolute_url())
    catalogue.join_products(lamps[1], into=lamps[2])
    assert "Lamp 3" in read(client, post.get_absolute_url())


def test_lists_name_categories_and_brands_that_were_merged(client, make_post, lamps):
    post = make_post(text="<p>[top category=lamps brand=beta count=1]</p>")
    other = catalogue.get_or_create_category("Lights")
    catalogue.merge_categories(lamps[0].categories.get(), into=other)
    catalogue.merge_brands(
        Brand.objects.get(slug="beta"), into=Brand.objects.create(name="Gamma", slug="gamma")
    )
    assert "Lamp 1" in read(client, post.get_absolute_url())


def test_any_number_of_blocks_costs_the_same(client, make_post, lamps, django_assert_max_num_queries):
    pks = [lamp.pk for lamp in lamps]
    one = f"<p>[product {pks[0]}]</p><p>[top category=lamps brand=beta]</p><p>[compare {pks[0]} {pks[1]}]</p>"
    many = one + "".join(
        f"<p>[product {pk}]</p><p>[top category=lamps max={pk + number}]</p><p>[button {pk}] [price {pk}]</p>"
        for number in range(3)
        for pk in pks
    )
    for text in (one, many):
        address = make_post(text=text).get_absolute_url()
        with django_assert_max_num_queries(12):
            read(client, address)


def test_nothing_in_a_text_runs(client, make_post, make_product, make_offer):
    product = make_product('"><script>alert(1)</script>')
    make_offer(product)
    Post.objects.all().delete()
    post = make_post(
        '<script>alert("title")</script>',
        text=f'<script>alert(2)</script><p onclick="x()">[button {product.pk} text="<img src=x>"]</p>'
        f'<p>[product {product.pk}]</p><p>[button {product.pk} text="&lt;script&gt;z&lt;/script&gt;"]</p>'
        '<a href="javascript:alert(3)">a</a><img src=x onerror=alert(4)>',
        excerpt='<script>alert("e")</script>',
        author='"><script>alert("a")</script>',
    )
    for path in (post.get_absolute_url(), "/guides/", "/feed/guides/"):
        html = read(client, path)
        html = re.sub(r'<script type="application/ld\+json">[^<]*</script>', "", html)
        assert not re.search("<script(?! src=)", html), path
        assert "onclick" not in html
        assert "javascript:" not in html
        assert "<img src=x" not in html


def test_structured_data_and_meta_say_what_the_page_says(client, make_post):
    post = make_post(text="<p>First &amp; best words.</p>", author="Ada")
    html = read(client, post.get_absolute_url())
    data = [json.loads(text) for text in re.findall(r'ld\+json">(.*?)</script>', html)]
    assert [each["@type"] for each in data] == ["Article", "BreadcrumbList"]
    assert data[0]["author"] == {"@type": "Person", "name": "Ada"}
    assert data[0]["description"] == "First & best words."
    assert '<meta property="og:type" content="article">' in html
    assert '<meta name="description" content="First &amp; best words.">' in html


def test_lists_feed_and_sitemap_have_what_is_published(client, make_post, settings):
    lamps = catalogue.get_or_create_category("Lamps")
    below = catalogue.get_or_create_category("Desk")
    below.parent = lamps
    below.save()
    make_post("In lamps", categories=[lamps])
    make_post("In desk", categories=[below])
    make_post("A draft", status="draft", categories=[lamps])
    make_post("A page", kind="page")
    for path in ("/guides/", "/guides/category/lamps/", "/feed/guides/"):
        html = read(client, path)
        assert "In lamps" in html
        assert "In desk" in html
        assert "A draft" not in html
        assert "A page" not in html
    assert "In lamps" not in read(client, "/guides/category/desk/")
    assert "sitemap-guides-1.xml" in read(client, "/sitemap.xml")
    guides = b"".join(client.get("/sitemap-guides-1.xml").streaming_content).decode()
    assert guides.count("<loc>") == 2
    assert "/a-page/" in b"".join(client.get("/sitemap-pages-1.xml").streaming_content).decode()


def test_the_list_has_pages(client, make_post):
    for number in range(13):
        make_post(f"Guide {number}")
    assert "Guide 12<" in read(client, "/guides/")
    assert "Guide 0<" in read(client, "/guides/?page=2")
    for number in ("0", "3", "x", "9" * 30):
        read(client, f"/guides/?page={number}", 404)


def test_nothing_is_said_kindly(client, db):
    assert "No guides here yet" in read(client, "/guides/")


@pytest.mark.django_db(transaction=True)
def test_a_kept_page_follows_each_change(client, make_post, lamps, settings, monkeypatch):
    settings.PAGE_CACHE_SECONDS = 300
    monkeypatch.setattr(shared, "TRUSTED_SECONDS", 0.0)
    post = make_post(text="<p>[top category=lamps count=1]</p>", kind="page", title="Cheap", slug="cheap")
    assert "Lamp 1" in read(client, "/cheap/")
    services.save_post(post.pk, title="Other")
    assert "Other" in read(client, "/cheap/")
    services.add_item("header", label="To the cheap", post=post)
    assert "To the cheap" in read(client, "/cheap/")
    catalogue.trash([lamps[0].pk])
    assert "Lamp 1<" not in read(client, "/cheap/")
    assert client.get("/cheap/").headers.get("ETag")
    services.change_status([post.pk], "trashed")
    read(client, "/cheap/", 410)


def test_guides_speak_the_sites_language(client, make_post):
    SiteSettings.objects.create(pk=1, language="de")
    assert "Ratgeber" in read(client, "/guides/")
