"""Something broke: a page in the site's language that asks nobody for anything."""

import re

import pytest
from django.db import ProgrammingError, connection

from catalog.models import SiteSettings
from catalog.public.views import other

TITLES = {
    "en": "Something went wrong",
    "de": "Etwas ist schiefgegangen",
    "nl": "Er ging iets mis",
    "sv": "Något gick fel",
}


@pytest.mark.parametrize(("language", "title"), TITLES.items())
def test_an_error_speaks_the_sites_language_without_the_database(client, db, monkeypatch, language, title):
    SiteSettings.objects.create(pk=1, language=language)
    client.get("/about/")
    client.raise_request_exception = False

    def gone(*args, **kwargs):
        raise ProgrammingError("no such column")

    with monkeypatch.context() as broken:
        broken.setattr(connection, "cursor", gone)
        response = client.get("/about/", headers={"accept-language": "fr"})

    html = response.content.decode()
    assert response.status_code == 500
    assert f'<html lang="{language}">' in html
    assert f"<h1>{title}</h1>" in html
    assert 'content="noindex"' in html


def test_an_error_before_any_page_speaks_the_language_of_the_settings(rf, monkeypatch, settings):
    monkeypatch.setattr("catalog.site.settings._last_language", settings.LANGUAGE_CODE)
    html = other.server_error(rf.get("/")).content.decode()
    assert TITLES["en"] in html


def test_an_error_page_looks_like_the_site(rf, client):
    html = other.server_error(rf.get("/")).content.decode()
    sheets = re.findall(r'<link rel="stylesheet" href="/static/([^"]+)"', html)
    assert sheets == ["css/tokens.css", "css/public/frame.css"]
