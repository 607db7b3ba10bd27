"""How people write pages and guides: the editor, the list, the history."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog import services as catalogue
from catalog.models import StoredImage
from events.models import Event
from pages import services, tasks
from pages.models import Post, PostRevision
from pages.services import thinning
from tests.catalog.conftest import client_of, make_user, picture_file, texts


def form_of(post: Post | None = None, **values) -> dict:
    fields = {"title": "Lamps", "slug": "", "text": "", "excerpt": "", "author": "", "picture_alt": ""}
    fields |= {"status": "draft", "publish_at": "", "token": "a" * 32}
    if post:
        fields |= {name: getattr(post, name) for name in ("title", "slug", "text", "status")}
        fields["version"] = Post.objects.get(pk=post.pk).updated_at.isoformat()
    return fields | values


def edit_url(post: Post) -> str:
    return reverse("pages:post-edit", args=[post.section, post.pk])


CREATE = "/dashboard/guides/add/"


def test_an_editor_writes_a_guide(editor_client, product):
    lamps = catalogue.get_or_create_category("Lamps")
    text = f'<p onclick="x()">Hi</p><script>x</script><p>[product {product.pk}]</p>'
    data = form_of(text=text, categories=[lamps.pk], picture=picture_file(), status="published")
    response = editor_client.post(CREATE, data, follow=True)
    assert texts(response) == ["Saved."]
    post = Post.objects.get()
    assert post.text == f"<p>Hi</p><p>[product {product.pk}]</p>"
    assert (post.slug, post.is_published, list(post.categories.all())) == ("lamps", True, [lamps])
    assert post.picture.widths
    assert Event.objects.filter(kind="post.created").exists()


def test_the_same_form_twice_makes_one(editor_client):
    for _ in range(2):
        editor_client.post(CREATE, form_of())
    editor_client.post(CREATE, form_of(title="Other words"))
    assert Post.objects.count() == 1


def test_plain_text_becomes_paragraphs(editor_client, product):
    editor_client.post(CREATE, form_of(text=f"One & two\r\n\r\nThree\r\n[product {product.pk}]\r\nfour"))
    assert Post.objects.get().text.replace("\n", "") == (
        f"<p>One &amp; two</p><p>Three</p><p>[product {product.pk}]</p><p>four</p>"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<p>[product 999999]</p>", "there is no product 999999"),
        ("<p>[top category=nothing]</p>", "there is no category “nothing”"),
        ("<p>[top brand=nothing]</p>", "there is no brand “nothing”"),
        ("<p>see [product 1]</p>", "a paragraph of its own"),
        ("<p>[price 9223372036854775808]</p>", "is neither"),
        ("<p>[price 1]</p>" * 101, "100 blocks at most"),
        ("".join(f"<p>[top max={number}]</p>" for number in range(21)), "20 lists"),
    ],
)
def test_blocks_that_cannot_be_filled_are_named_and_nothing_is_lost(editor_client, text, says):
    response = editor_client.post(CREATE, form_of(text=text))
    html = response.content.decode()
    assert says in html
    assert not Post.objects.exists()
    assert response.context["form"]["text"].value() == text


def test_a_trashed_product_is_refused_where_it_is_new_and_told_where_it_was(
    editor_client, product, make_product
):
    post = services.create_post(kind="guide", title="Lamps", text=f"<p>[product {product.pk}]</p>")
    other = make_product("Chair")
    catalogue.trash([product.pk, other.pk])
    assert "is in the trash" in editor_client.get(edit_url(post)).content.decode()
    kept = f"{post.text}<p>More words.</p>"
    assert editor_client.post(edit_url(post), form_of(post, text=kept)).status_code == 302
    refused = editor_client.post(edit_url(post), form_of(post, text=f"{kept}<p>[product {other.pk}]</p>"))
    assert f"product {other.pk} (“Chair”) is in the trash" in refused.content.decode()
    post.refresh_from_db()
    assert post.text == kept


def test_two_categories_of_one_name_are_asked_about(editor_client):
    for name in ("Outdoor", "Indoor"):
        parent = catalogue.get_or_create_category(name)
        parent.children.create(name="Lamps", slug=f"lamps-{name.lower()}")
    response = editor_client.post(CREATE, form_of(text="<p>[top category=lamps]</p>"))
    assert "several categories are called" in response.content.decode()
    assert editor_client.post(CREATE, form_of(text="<p>[top category=lamps-indoor]</p>")).status_code == 302


LONG = "Zwölf Wörter über Lampen, die heute in jedem Laden zu haben sind. "


def test_a_post_of_half_a_million_characters_works(editor_client, client):
    text = "<p>" + "</p><p>".join([LONG * 10] * 800) + "</p>"
    assert len(text) > 500_000
    assert editor_client.post(CREATE, form_of(text=text, status="published")).status_code == 302
    post = Post.objects.get()
    assert len(post.text) == len(text.replace(" </p>", " </p>"))
    assert client.get(post.get_absolute_url()).status_code == 200
    assert editor_client.post(edit_url(post), form_of(post, title="Other")).status_code == 302
    history = reverse("pages:post-history", args=["guides", post.pk])
    services.save_post(post.pk, text=text.replace("Lampen", "Leuchten"))
    assert editor_client.get(history).status_code == 200


@pytest.mark.parametrize("letter", ["x", "ä", "\N{GRINNING FACE}"])
def test_a_post_that_is_too_long_is_refused_in_words_and_kept_in_the_form(editor_client, letter):
    text = letter * 1_000_001
    response = editor_client.post(CREATE, form_of(text=text))
    assert response.status_code == 200
    assert "1,000,000 characters at most" in response.content.decode()
    assert response.context["form"]["text"].value() == text
    assert not Post.objects.exists()


@pytest.mark.parametrize("name", ["title", "excerpt", "author", "picture_alt", "text"])
def test_html_in_every_field_stays_text(editor_client, client, name):
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    editor_client.post(CREATE, form_of(status="published", **{name: evil}))
    post = Post.objects.get()
    pages = [edit_url(post), "/dashboard/guides/", reverse("pages:post-history", args=["guides", post.pk])]
    pages += [post.get_absolute_url(), "/guides/", "/feed/guides/"]
    for path in pages:
        html = (editor_client if "dashboard" in path else client).get(path).content.decode()
        assert "<script>alert" not in html, path
        assert "<img src=x" not in html, path


def test_two_people_in_one_post_lose_nothing(editor_client, administrator):
    post = services.create_post(kind="guide", title="Lamps", text="<p>One</p>")
    mine = form_of(post, text="<p>Mine</p>")
    theirs = form_of(post, text="<p>Theirs</p>", title="Their lamps")
    client_of(administrator).post(edit_url(post), theirs)
    response = editor_client.post(edit_url(post), mine)
    html = response.content.decode()
    assert "Somebody else saved this guide" in html
    assert "Their lamps" in html
    assert response.context["form"]["text"].value() == "<p>Mine</p>"
    post.refresh_from_db()
    assert post.text == "<p>Theirs</p>"
    again = mine | {"version": response.context["version"]}
    assert editor_client.post(edit_url(post), again).status_code == 302
    post.refresh_from_db()
    assert post.text == "<p>Mine</p>"
    assert PostRevision.objects.filter(after__text="<p>Theirs</p>").exists()


@pytest.mark.parametrize("version", ["", "x", "9999"])
def test_a_form_without_its_version_saves_nothing(editor_client, version):
    post = services.create_post(kind="guide", title="Lamps")
    response = editor_client.post(edit_url(post), form_of(post, title="Other", version=version))
    assert response.status_code == 200
    post.refresh_from_db()
    assert post.title == "Lamps"


@pytest.mark.parametrize("slug", ["search", "guides", "imprint"])
def test_an_address_that_is_taken_is_refused_in_words(admin_client, slug):
    services.create_post(kind="page", title="Imprint")
    response = admin_client.post("/dashboard/pages/add/", form_of(slug=slug))
    assert "address" in str(response.context["form"].errors["slug"])


def test_one_page_is_the_imprint(admin_client):
    services.create_post(kind="page", title="Imprint", role="imprint")
    response = admin_client.post("/dashboard/pages/add/", form_of(role="imprint"))
    assert "has this role" in str(response.context["form"].errors["role"])
    with pytest.raises(services.PostError, match="role"):
        services.create_post(kind="page", title="Other", role="imprint")


def test_a_trashed_imprint_makes_room_and_does_not_come_back_beside_the_other(db):
    old = services.create_post(kind="page", title="Imprint", role="imprint")
    services.change_status([old.pk], "trashed")
    services.create_post(kind="page", title="New imprint", role="imprint")
    with pytest.raises(services.PostError, match="role"):
        services.change_status([old.pk], "draft")


# --- Time ---------------------------------------------------------------------------------------


def test_a_draft_is_published_when_its_time_comes(editor_client, client):
    soon = (timezone.localtime() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    editor_client.post(CREATE, form_of(publish_at=soon))
    post = Post.objects.get()
    assert post.is_scheduled
    assert "Scheduled" in editor_client.get("/dashboard/guides/?status=scheduled").content.decode()
    tasks.publish_due_posts()
    assert client.get(post.get_absolute_url()).status_code == 404
    Post.objects.update(publish_at=timezone.now() - timedelta(seconds=1))
    tasks.publish_due_posts()
    assert client.get(post.get_absolute_url()).status_code == 200
    assert PostRevision.objects.filter(actor="task:publish_due_posts", after__status="published").exists()


def test_a_time_that_has_passed_is_refused(editor_client):
    response = editor_client.post(CREATE, form_of(publish_at="2020-01-01T10:00"))
    assert "has passed" in str(response.context["form"].errors["publish_at"])


def test_a_link_shows_a_draft_until_its_status_changes(client, editor_client):
    post = services.create_post(kind="guide", title="Secret", status="draft")
    editor_client.post(reverse("pages:post-share", args=["guides", post.pk]))
    post.refresh_from_db()
    path = "/" + services.share_draft(post).split("/", 3)[3]
    response = client.get(path)
    assert "Secret" in response.content.decode()
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]
    services.change_status([post.pk], "published")
    services.change_status([post.pk], "draft")
    assert client.get(path).status_code == 404
    assert client.get("/guides/preview/made-up/").status_code == 404
    assert client.get(path.replace("guides/preview", "preview")).status_code == 404


def test_the_editors_preview_shows_what_is_typed_and_saves_nothing(editor_client):
    post = services.create_post(kind="guide", title="Lamps", status="draft")
    address = reverse("pages:post-preview", args=["guides", post.pk])
    html = editor_client.post(address, form_of(post, text="<p>Typed</p>")).content.decode()
    assert "Typed" in html
    assert not Post.objects.filter(text__contains="Typed").exists()


# --- History ------------------------------------------------------------------------------------


def test_history_shows_what_differs_and_brings_it_back(editor_client):
    post = services.create_post(kind="guide", title="Lamps", text="<p>red lamp</p>")
    editor_client.post(edit_url(post), form_of(post, text="<p>blue lamp</p>", title="Blue"))
    html = editor_client.get(reverse("pages:post-history", args=["guides", post.pk])).content.decode()
    assert "<del>red</del>" in html.replace("\n", "")
    assert "by eddi" in html
    first = post.revisions.order_by("pk").first()
    address = reverse("pages:post-restore", args=["guides", post.pk, first.pk])
    page = editor_client.get(address)
    assert [each.name for each in page.context["differences"]] == ["title", "text"]
    editor_client.post(address, {"version": page.context["version"], "fields": ["text"]})
    post.refresh_from_db()
    assert (post.title, post.text) == ("Blue", "<p>red lamp</p>")
    stale = editor_client.post(
        address, {"version": page.context["version"], "fields": ["title"]}, follow=True
    )
    assert "meanwhile" in " ".join(texts(stale))


def test_a_picture_that_is_shown_is_no_orphan(editor_client):
    editor_client.post(CREATE, form_of(picture=picture_file()))
    StoredImage.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert catalogue.delete_orphans() == 0
    post = Post.objects.get()
    editor_client.post(edit_url(post), form_of(post, remove_picture="on"))
    assert catalogue.delete_orphans() == 1


def test_old_revisions_go(db, monkeypatch):
    post = services.create_post(kind="guide", title="Lamps")
    monkeypatch.setattr(thinning, "MAX_KEPT", 3)
    for number in range(5):
        services.save_post(post.pk, title=f"Lamps {number}")
    assert services.thin() == 3
    assert post.revisions.count() == 3
    PostRevision.objects.update(at=timezone.now() - timedelta(days=1000))
    assert services.thin() == 3


# --- The list -----------------------------------------------------------------------------------


@pytest.fixture
def three(db):
    return [services.create_post(kind="guide", title=f"Guide {number}") for number in range(3)]


def test_many_are_published_and_that_is_taken_back(editor_client, three):
    address = "/dashboard/guides/bulk/"
    ids = [post.pk for post in three[:2]]
    response = editor_client.post(address, {"action": "publish", "ids": ids}, follow=True)
    assert texts(response) == ["2 guides were published."]
    services.save_post(three[0].pk, status="trashed")
    editor_client.post("/dashboard/guides/take-back/", {"cause": response.context["undo"]})
    assert [Post.objects.get(pk=post.pk).status for post in three] == ["trashed", "draft", "draft"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "Choose what to do."),
        ({"action": "publish"}, "Tick at least one first."),
        ({"action": "sell", "ids": [1]}, "Select a valid choice"),
        ({"action": "publish", "ids": ["x", "9" * 30]}, "Tick at least one first."),
    ],
)
def test_an_action_that_cannot_be_done_is_said_in_words(editor_client, three, data, says):
    response = editor_client.post("/dashboard/guides/bulk/", data, follow=True)
    assert says in " ".join(texts(response))


def test_an_action_on_guides_leaves_pages_alone(editor_client, three):
    page = services.create_post(kind="page", title="Imprint")
    editor_client.post("/dashboard/guides/bulk/", {"action": "trash", "ids": [page.pk]})
    page.refresh_from_db()
    assert page.status == "draft"


def test_the_list_filters_and_is_kind_when_empty(editor_client, three):
    lamps = catalogue.get_or_create_category("Lamps")
    services.save_post(three[0].pk, categories=[lamps])
    found = editor_client.get(f"/dashboard/guides/?category={lamps.pk}&q=guide").content.decode()
    assert "Guide 0" in found
    assert "Guide 1" not in found
    assert "Nothing found" in editor_client.get("/dashboard/guides/?q=nothing").content.decode()
    assert "The trash is empty" in editor_client.get("/dashboard/guides/?status=trashed").content.decode()
    assert "No pages yet" in editor_client.get("/dashboard/pages/").content.decode()


def test_the_dashboard_asks_few_questions(editor_client, three, django_assert_max_num_queries):
    text = "".join(f"<p>[price {number}]</p>" for number in range(1, 50))
    Post.objects.filter(pk=three[0].pk).update(text=text)
    history = reverse("pages:post-history", args=["guides", three[0].pk])
    for path in (
        "/dashboard/guides/",
        edit_url(three[0]),
        history,
        CREATE,
        "/dashboard/text-blocks/?block_query=x",
    ):
        with django_assert_max_num_queries(12):
            assert editor_client.get(path).status_code == 200


def test_products_are_found_for_blocks(editor_client, product):
    page = editor_client.get("/dashboard/text-blocks/?block_query=red").content.decode()
    assert f"[product {product.pk}]" in page
    part = editor_client.get("/dashboard/text-blocks/?block_query=red", headers={"HX-Request": "true"})
    assert f'data-insert="[product {product.pk}]"' in part.content.decode()


def test_categories_and_brands_are_found_as_lists(editor_client, db):
    catalogue.get_or_create_category("Red lamps")
    catalogue.get_or_create_brand("Red & Co")
    part = editor_client.get("/dashboard/text-blocks/?block_query=red").content.decode()
    assert "[top category=red-lamps count=5]" in part
    assert "[top brand=red-co count=5]" in part


def test_a_log_in_name_is_never_the_author(db):
    client = client_of(make_user("secretname", "Editor"))
    assert client.get(CREATE).context["form"]["author"].value() == ""


@pytest.mark.browser
def test_the_editor_puts_in_what_was_found(admin_page, transactional_db, make_product):
    product = make_product("Nova lamp")
    admin_page.goto(CREATE)
    text = admin_page.get_by_role("textbox", name="Text", exact=True)
    text.click()
    admin_page.keyboard.type("Look:")
    admin_page.get_by_placeholder("Product, category or brand").fill("nova")
    admin_page.get_by_role("button", name="Put in a box with Nova lamp").click()
    admin_page.get_by_label("Title", exact=True).fill("Lamps")
    admin_page.keyboard.press("Control+s")
    admin_page.wait_for_url(re.compile(r"/dashboard/guides/\d+/$"))
    assert f"<p>[product {product.pk}]</p>" in Post.objects.get().text
