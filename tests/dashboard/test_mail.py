"""The pages of mail: for administrators, and harmless whatever a mail says."""

import pytest
from django.urls import reverse

from mail import sending
from mail.models import Mail
from tests.importer.pages import text_of
from tests.mail.conftest import mail_by, serve, write  # noqa: F401

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a>'


def page_of(client, mail: Mail, name: str = "mail-detail"):
    return client.get(reverse(f"dashboard:{name}", args=[mail.pk]))


def test_mails_are_listed_with_what_became_of_them(admin_client, write, serve):  # noqa: F811
    serve(refuses={"ben@shop.example": "550 no such user"})
    sent, refused = write(subject="First"), write("ben@shop.example", subject="Second")
    sending.send_due(seconds=5)
    page = text_of(admin_client.get(reverse("dashboard:mail-list")))
    for part in ("First", "ada@shop.example", "Sent", "Second", "Given up"):
        assert part in page
    troubled = text_of(admin_client.get(reverse("dashboard:mail-list") + "?state=troubled"))
    assert "Second" in troubled
    assert "First" not in troubled
    assert "550 no such user" in text_of(page_of(admin_client, refused))
    assert sent.state == "waiting"


def test_the_first_page_says_that_mail_did_not_go_out(admin_client, write, serve):  # noqa: F811
    home = reverse("dashboard:home")
    serve(dies="end")
    mail = write()
    assert "did not go out" not in text_of(admin_client.get(home))
    sending.send_due(seconds=5)
    assert "1 mail did not go out" in text_of(admin_client.get(home))
    assert "may arrive twice" in text_of(page_of(admin_client, mail))
    admin_client.post(reverse("dashboard:mail-again", args=[mail.pk]))
    assert "did not go out" not in text_of(admin_client.get(home))


def test_a_mail_that_was_sent_is_not_sent_again(admin_client, write, serve):  # noqa: F811
    server = serve()
    mail = write()
    sending.send_due(seconds=5)
    again = reverse("dashboard:mail-again", args=[mail.pk])
    assert again not in text_of(page_of(admin_client, mail))
    admin_client.post(again)
    sending.send_due(seconds=5)
    assert len(server.messages) == 1


def test_in_the_demo_a_visitors_mail_is_shown_from_its_file(admin_client, write, mail_by, tmp_path):  # noqa: F811
    mail_by(f"file:{tmp_path}")
    fields = {
        "text": "Confirm: http://127.0.0.1/alerts/abc/",
        "html": "<b>Hi</b>",
        "is_private": True,
    }
    mail = write("visitor@home.example", headers={"List-Unsubscribe": "<https://shop.example/x>"}, **fields)
    sending.send_due(seconds=5)
    page = text_of(page_of(admin_client, mail))
    assert 'href="http://127.0.0.1/alerts/abc/"' in page
    assert "&lt;https://shop.example/x&gt;" in page
    assert "visitor@home.example" not in page
    assert page_of(admin_client, mail, "mail-html").content.strip() == b"<b>Hi</b>"
    mail.refresh_from_db()
    assert mail.text == ""


def test_where_mail_goes_out_nothing_is_left_of_a_visitors(admin_client, write, serve):  # noqa: F811
    serve()
    mail = write("visitor@home.example", is_private=True)
    sending.send_due(seconds=5)
    page = text_of(page_of(admin_client, mail))
    assert "Its text is not kept" in page
    assert "visitor@home.example" not in page


def test_hostile_words_do_nothing(admin_client, write):  # noqa: F811
    mail = write(subject=HOSTILE, text=HOSTILE, html=HOSTILE, headers={"List-Unsubscribe": HOSTILE})
    for page in (page_of(admin_client, mail), admin_client.get(reverse("dashboard:mail-list"))):
        html = text_of(page)
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert 'href="javascript' not in html
    framed = page_of(admin_client, mail, "mail-html")
    policy = framed["Content-Security-Policy"]
    assert policy.startswith("sandbox;")
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert framed["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.browser
def test_the_frame_runs_nothing(admin_page, transactional_db, write):  # noqa: F811
    mail = write(
        text="x",
        html='<p style="color:red">Shown</p><script>parent.document.title="run"</script>'
        '<img src="/dashboard/" onerror="parent.document.title=\'run\'">',
    )
    asked = []
    admin_page.on("response", lambda response: asked.append(response.url))
    admin_page.goto(reverse("dashboard:mail-detail", args=[mail.pk]))
    frame = admin_page.frame_locator("iframe")
    colour = frame.get_by_text("Shown").evaluate("element => getComputedStyle(element).color")
    assert colour == "rgb(255, 0, 0)"
    assert "run" not in admin_page.title()
    assert not [url for url in asked if url.endswith("/dashboard/")]
