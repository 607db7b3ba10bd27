"""What operators see: over real HTTP requests to the site, with its stores."""

import io
import json
import logging
import logging.config
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as site_settings
from django.test import Client, override_settings
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from affiliate_site.observe import request_id
from importer.models import ImportRun
from tests.importer.make import make_account, make_feed

TOKEN = {"HTTP_AUTHORIZATION": "Bearer a-long-token"}


@pytest.fixture
def operator(db, settings):
    """A client of a site whose operators have a token: its middleware is made anew."""
    settings.METRICS_TOKEN = "a-long-token"  # noqa: S105 of this test
    return Client(**TOKEN)


def numbers_of(client) -> dict:
    text = client.get("/metrics").content.decode()
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("path", ["/metrics", "/healthz/deep"])
@pytest.mark.parametrize(
    "said", ["", "Bearer ", "Bearer wrong", "a-long-token", "Basic a-long-token", "Bearer \xfc"]
)
def test_nobody_but_an_operator_gets_numbers(operator, path, said):
    answer = Client(HTTP_AUTHORIZATION=said).get(path)
    assert answer.status_code == 404
    assert b"affiliate_" not in answer.content
    assert operator.get(path).status_code in (200, 503)


@pytest.mark.parametrize("said", ["", "Bearer ", "Bearer None"])
def test_without_a_token_there_are_none_for_anybody(db, said):
    assert Client(HTTP_AUTHORIZATION=said).get("/metrics").status_code == 404


def test_work_that_waits_is_told_by_its_age(operator):
    run = ImportRun.objects.create(kind="bulk", created_count=7)
    ImportRun.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(minutes=20))
    feed = make_feed(make_account(), is_mirrored=True, next_sync_at=timezone.now() - timedelta(hours=2))

    numbers = numbers_of(operator)

    assert 1200 <= numbers["affiliate_queue_age_seconds", ("queue", "imports")] < 1300
    assert numbers["affiliate_queue_age_seconds", ("queue", "images")] == 0
    assert numbers["affiliate_imported_items_total", ("verdict", "created")] == 7
    assert 7200 <= numbers["affiliate_sync_lag_seconds",] < 7300
    assert (numbers["affiliate_feeds_mirrored",], numbers["affiliate_feeds_overdue",]) == (1, 1)
    deep = operator.get("/healthz/deep")
    assert deep.status_code == 503
    assert "The queue “imports” has waited for a worker for 20 minutes." in deep.json()["problems"]
    assert feed.is_mirrored


def test_pages_are_counted_by_area_and_whether_they_were_kept(operator, settings):
    settings.PAGE_CACHE_SECONDS = 300
    visitor, before = Client(), numbers_of(operator)
    for _ in range(3):
        visitor.get("/")
    visitor.get("/no/such/page")
    after = numbers_of(operator)

    def count(kind, status="2xx"):
        name = "affiliate_page_seconds_count", ("area", "public"), ("kind", kind), ("status", status)
        return after.get(name, 0) - before.get(name, 0)

    assert (count("made"), count("kept")) == (1, 2)
    assert count("made", "4xx") == 1


def test_what_several_processes_count_is_told_as_one(operator):
    """Each process of the web server has counters of its own, in one folder."""
    code = (
        "import django; django.setup(); from affiliate_site.observe import page_times;"
        "[page_times.observe('/go/1/', 0.002, 302, is_kept=False) for _ in range(5)]"
    )
    name = "affiliate_page_seconds_count", ("area", "out"), ("kind", "made"), ("status", "3xx")
    before = numbers_of(operator).get(name, 0)
    for _ in range(2):
        env = {**os.environ, "DJANGO_SETTINGS_MODULE": "affiliate_site.settings"}
        subprocess.run([sys.executable, "-c", code], check=True, cwd=site_settings.BASE_DIR, env=env)
    assert numbers_of(operator)[name] - before == 10


def test_no_address_makes_a_number_of_its_own(operator):
    for number in range(20):
        Client().get(f"/x{number}/", REMOTE_ADDR=f"10.0.0.{number}")
    areas = {
        dict(key[1:])["area"] for key in numbers_of(operator) if key[0] == "affiliate_page_seconds_count"
    }
    assert areas <= {"public", "dashboard", "out", "files", "operators"}


def test_each_answer_has_an_id_and_a_stranger_cannot_choose_it(db):
    first, second = Client().get("/"), Client().get("/")
    assert first[request_id.HEADER] != second[request_id.HEADER]  # a kept page, too
    assert Client(HTTP_X_REQUEST_ID="chosen-by-me").get("/")[request_id.HEADER] != "chosen-by-me"


@override_settings(BEHIND_PROXY=True)
@pytest.mark.parametrize(
    ("said", "is_taken"), [("0a1b2c3d-e5", True), ("x" * 65, False), ("a b\tc<d>e", False)]
)
def test_the_id_of_our_proxy_is_taken_where_it_is_one(db, said, is_taken):
    answer = Client(HTTP_X_REQUEST_ID=said).get("/healthz")
    assert (answer[request_id.HEADER] == said) == is_taken


def test_json_lines_name_the_request_and_keep_the_traceback(rf):
    stream = io.StringIO()
    config = site_settings.LOGGING
    logging_config = {
        **config,
        "handlers": {"console": {**config["handlers"]["console"], "formatter": "json"}},
    }
    handler = logging.StreamHandler(stream)
    configurator = logging.config.DictConfigurator(logging_config)
    handler.setFormatter(configurator.configure_formatter(config["formatters"]["json"]))
    handler.addFilter(request_id.Ids())
    logger = logging.getLogger("tests.observe")
    logger.addHandler(handler)
    try:
        name = request_id.begin(rf.get("/"))
        try:
            raise ValueError("two\nlines “ü”")
        except ValueError:
            logger.exception("It broke")
        request_id.end()
        logger.warning("Later")
    finally:
        logger.removeHandler(handler)
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["message"], first["level"], first["logger"]) == ("It broke", "ERROR", "tests.observe")
    assert first["request_id"] == name
    assert "ValueError: two" in first["exc_info"]
    assert second["request_id"] == ""
