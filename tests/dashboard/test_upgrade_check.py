"""What stands in the way of a new version is said, one sentence each."""

import json
import os
import time
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder

from dashboard import upgrade

pytestmark = pytest.mark.django_db


@pytest.fixture
def backups(tmp_path):
    (tmp_path / "site.tar").write_text("x")
    return tmp_path


def codes(folder):
    return {finding.code for finding in upgrade.find_all(folder)}


def test_a_site_in_order_is_ready(backups, monkeypatch):
    monkeypatch.setattr(upgrade, "LEAST_DISK", 0)
    out = StringIO()
    call_command("upgrade_check", backups=str(backups), json=True, stdout=out)
    assert json.loads(out.getvalue()) == {"ready": True, "findings": []}


def test_what_is_wrong_ends_it_with_1(tmp_path, monkeypatch):
    monkeypatch.setattr(upgrade, "LEAST_DISK", 0)
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("upgrade_check", backups=str(tmp_path / "nothing"), stdout=out)
    assert ended.value.code == 1
    assert "There is no backup" in out.getvalue()


def test_a_migration_that_is_missing_is_named(backups):
    MigrationRecorder.Migration.objects.filter(app="mail").delete()
    assert "migrations_missing" in codes(backups)


def test_an_old_backup_is_none(backups):
    old = time.time() - 5 * 86_400
    os.utime(backups / "site.tar", (old, old))
    assert "backup_old" in codes(backups)


@pytest.mark.parametrize(
    ("name", "code"),
    [("LEAST_POSTGRESQL", "postgresql_old"), ("LEAST_REDIS", "redis_old"), ("LEAST_DISK", "disk_full")],
)
def test_what_is_too_old_or_too_full_is_said(backups, monkeypatch, name, code):
    monkeypatch.setattr(upgrade, name, 10**18)
    assert code in codes(backups)


def test_a_redis_that_is_away_is_said(backups, settings):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert "redis_away" in codes(backups)


def test_a_setting_that_nobody_reads_is_said_at_every_start(monkeypatch, tmp_path):
    assert not upgrade.check_settings(None)
    (tmp_path / ".env").write_text("SECRET_KEY=x\nREDIS_CACHE_URL=redis://old\n")
    monkeypatch.setenv("ENV_FILE", str(tmp_path / ".env"))
    (warning,) = upgrade.check_settings(None)
    assert "REDIS_CACHE_URL" in warning.msg
    assert "redis://old" not in warning.msg
