"""The ground the other tests stand on is real."""

import pytest
from django.core.management import call_command
from django.db import connection

from affiliate_site import beat
from affiliate_site.celery import app
from affiliate_site.redis import get_redis


@pytest.mark.django_db
def test_the_database_is_postgresql_18_in_a_folder_of_this_run(settings):
    assert connection.pg_version // 10_000 == 18
    assert connection.settings_dict["OPTIONS"]["host"].startswith(str(settings.VAR_DIR))
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone()[0] is False


@pytest.mark.django_db
def test_health_check_is_open_to_everybody_and_says_what_answers(client):
    get_redis().delete(beat.SIGN)  # of a test before
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"database": True, "redis": True, "beat": False}


@pytest.mark.django_db
def test_health_check_says_that_beat_ticks_and_serves_without_it(client):
    get_redis().delete(beat.SIGN)
    response = client.get("/healthz")
    assert (response.status_code, response.json()["beat"]) == (200, False)
    beat.Scheduler(app).tick()
    assert client.get("/healthz").json()["beat"] is True
    assert beat.seconds_silent() < 30
    get_redis().delete(beat.SIGN)


def test_beat_sends_everything_at_its_start_and_then_in_its_time():
    """It remembers nothing: a site that is up for minutes a day must come to the hourly tasks, too."""
    scheduler = beat.Scheduler(app)
    sent = []
    scheduler.apply_entry = lambda entry, producer=None: sent.append(entry.name)
    while len(sent) < len(app.conf.beat_schedule):
        assert scheduler.tick() == 0
    assert set(sent) == set(app.conf.beat_schedule)
    assert 0 < scheduler.tick() <= beat.SIGN_EVERY


@pytest.mark.django_db
def test_health_check_is_503_when_redis_is_gone(client, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"database": True, "redis": False, "beat": False}


@pytest.mark.django_db
def test_pictures_are_open_to_everybody_and_their_folder_is_not(client, settings):
    settings.MEDIA_ROOT.mkdir(exist_ok=True)
    (settings.MEDIA_ROOT / "dot.png").write_bytes(b"picture")
    response = client.get("/media/dot.png")
    assert b"".join(response.streaming_content) == b"picture"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/media/").status_code == 404
    assert client.get("/media/../secret_key").status_code in (400, 404)


@pytest.mark.django_db
def test_every_model_change_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.browser
def test_a_browser_reaches_the_site(page, live_server):
    assert page.goto("/healthz").status == 200
