"""Addresses that lead on, end, or show what is not published yet."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog import services
from catalog.models import Product, SlugRedirect
from catalog.public import previews


def test_a_product_that_moved_is_found_at_its_new_address(client, make_product):
    product = make_product("Trail Shoe")
    services.update_product(product, slug="trail-shoe-2027")
    services.update_product(product, slug="best-trail-shoe")
    for old in ("trail-shoe", "trail-shoe-2027"):
        response = client.get(f"/product/{old}/")
        assert response.status_code == 301
        assert response["Location"] == "/product/best-trail-shoe/"
    assert client.get("/product/best-trail-shoe/").status_code == 200


def test_a_product_that_moves_back_is_at_its_own_address(client, make_product):
    product = make_product("Trail Shoe")
    services.update_product(product, slug="other")
    services.update_product(product, slug="trail-shoe")
    assert client.get("/product/trail-shoe/").status_code == 200
    assert client.get("/product/other/")["Location"] == "/product/trail-shoe/"


def test_a_new_product_takes_an_address_that_another_left(client, make_product):
    services.update_product(make_product("Trail Shoe"), slug="old-shoe")
    newer = make_product("Newer", slug="trail-shoe")
    assert "Newer" in client.get(newer.get_absolute_url()).content.decode()


@pytest.mark.parametrize(("door", "status"), [(services.unpublish, 404), (services.trash, 410)])
def test_an_old_address_ends_with_its_product(client, make_product, door, status):
    product = make_product("Trail Shoe")
    services.update_product(product, slug="other")
    door([product])
    assert client.get("/product/trail-shoe/").status_code == status


def test_an_address_that_nobody_knew_leads_nowhere(make_product):
    draft = make_product("Trail Shoe", status=Product.Status.DRAFT)
    services.update_product(draft, slug="other")
    assert not SlugRedirect.objects.exists()


# --- Previews ----------------------------------------------------------------------------------


@pytest.fixture
def draft(make_product) -> Product:
    return make_product("Secret Shoe", status=Product.Status.DRAFT)


def path_of(draft: Product) -> str:
    return "/" + previews.make_link(draft).split("/", 3)[3]


def test_whoever_has_the_link_sees_the_draft(client, draft):
    response = client.get(path_of(draft))
    assert response.status_code == 200
    assert "Secret Shoe" in response.content.decode()
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
    assert client.get(draft.get_absolute_url()).status_code == 404


def test_links_made_twice_are_both_good(client, draft):
    first, second = path_of(draft), path_of(Product.objects.get())
    assert client.get(first).status_code == client.get(second).status_code == 200


@pytest.mark.parametrize("door", [services.publish, services.trash])
def test_a_change_of_status_ends_the_link_for_good(client, draft, door):
    path = path_of(draft)
    door([draft])
    assert client.get(path).status_code == 404
    services.unpublish([draft])
    services.restore([draft])
    draft.refresh_from_db()
    assert draft.status == Product.Status.DRAFT
    assert client.get(path).status_code == 404
    assert client.get(path_of(draft)).status_code == 200


def test_a_link_ends_after_a_week(client, draft, time_machine):
    path = path_of(draft)
    ends_at = timezone.now() + previews.VALID_FOR
    time_machine.move_to(ends_at - timedelta(minutes=1))
    assert client.get(path).status_code == 200
    time_machine.move_to(ends_at + timedelta(minutes=1))
    assert client.get(path).status_code == 404


def test_a_link_that_was_made_up_shows_nothing(client, draft, make_product):
    other = make_product("Other", status=Product.Status.DRAFT)
    token = path_of(draft).split("/")[2]
    key, _, signature = token.partition(":")[2].partition(":")
    for made_up in (
        token[:-1],
        "x",
        "1:2:3:4",
        f"{other.pk}:{key}:{signature}",
        token.replace(str(draft.pk), str(other.pk), 1),
        "%00",
        "a" * 3000,
    ):
        assert client.get(f"/preview/{made_up}/").status_code == 404


def test_an_editor_shares_a_draft(admin_client, client, draft):
    editor = reverse("catalog:product-edit", args=[draft.pk])
    share = reverse("catalog:product-share", args=[draft.pk])
    assert "preview/" not in admin_client.get(editor).content.decode().replace(f"{draft.pk}/preview/", "")
    assert admin_client.get(share).status_code == 405
    assert client.post(share).status_code == 302
    assert "login" in client.post(share)["Location"]
    page = admin_client.post(share, follow=True)
    link = page.context["preview_link"]
    assert link in page.content.decode()
    assert client.get("/" + link.split("/", 3)[3]).status_code == 200


def test_a_published_product_needs_no_link(admin_client, make_product):
    product = make_product()
    admin_client.post(reverse("catalog:product-share", args=[product.pk]))
    product.refresh_from_db()
    assert product.preview_key == ""


# --- Publishing on time ------------------------------------------------------------------------


def test_a_draft_is_published_when_its_time_has_come(client, draft, time_machine):
    due = timezone.now() + timedelta(hours=1)
    services.update_product(draft, publish_at=due)
    assert services.publish_due() == 0
    time_machine.move_to(due + timedelta(seconds=1))
    assert services.publish_due() == 1
    assert client.get(draft.get_absolute_url()).status_code == 200
    draft.refresh_from_db()
    assert draft.publish_at is None
    assert draft.published_at >= due
    assert services.publish_due() == 0


def test_the_beat_publishes_what_is_due(draft):
    from catalog.tasks import publish_due

    services.update_product(draft, publish_at=timezone.now())
    publish_due()
    draft.refresh_from_db()
    assert draft.is_published


def test_what_was_put_into_the_trash_is_not_published_when_it_comes_back(draft):
    services.update_product(draft, publish_at=timezone.now())
    services.trash([draft])
    services.restore([draft])
    assert services.publish_due() == 0


def test_what_was_published_by_hand_and_taken_back_stays_a_draft(draft):
    services.update_product(draft, publish_at=timezone.now() + timedelta(seconds=-1))
    services.publish([draft])
    services.unpublish([draft])
    assert services.publish_due() == 0


# --- Words for search engines ------------------------------------------------------------------


def test_an_editor_writes_title_and_description_for_search_engines(client, make_product, make_offer):
    product = make_product(description="<p>Feed words.</p>")
    make_offer(product)
    services.update_product(product, meta_title='The "best" <shoe>', meta_description="Why & how")
    html = client.get(product.get_absolute_url()).content.decode()
    assert "<title>The &quot;best&quot; &lt;shoe&gt; – " in html
    assert '<meta name="description" content="Why &amp; how">' in html
    assert '<meta property="og:title" content="The &quot;best&quot; &lt;shoe&gt;">' in html
    assert "<h1>Trail Shoe</h1>" in html
