"""Backups: made of the site of the tests, put into databases and folders of their own, and compared."""

import io
import json
import os
import stat
import subprocess
import sys
import tarfile
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from affiliate_site.run.backup import database, make
from affiliate_site.run.backup.archive import BackupError, is_plain, read_manifest
from catalog.models import Product
from importer.models import NetworkAccount
from mail.models import Mail
from mail.outbox import Letter, put
from mail.sending import send_due
from tests.importer.make import make_account

pytestmark = pytest.mark.django_db(transaction=True)
MANAGE = [sys.executable, str(Path(__file__).parents[2] / "manage.py")]


@pytest.fixture(autouse=True)
def var(settings, tmp_path):
    """The folder of the site that is backed up: the tables are those of the tests."""
    settings.VAR_DIR = tmp_path / "one"
    settings.MEDIA_ROOT = tmp_path / "one" / "media"
    settings.MEDIA_ROOT.mkdir(parents=True)
    return settings.VAR_DIR


@pytest.fixture
def site(settings):
    """A site with a product of every kind of letter, credentials and pictures."""
    Product.objects.create(title="Lampe „Grün“ \x01\\ 100 %\t’", slug="lampe", attributes={"a": ["ä", None]})
    make_account("adtraction")
    for name, data in {"pictures/ab/c.webp": b"RIFF" * 999, "shops/ü.png": b"\x89PNG", "empty": b""}.items():
        path = settings.MEDIA_ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.fixture
def backup(site, tmp_path):
    path = tmp_path / "site.tar"
    call_command("backup", str(path))
    return path


@contextmanager
def empty_database(name):
    """A database of its own on the server of the tests; yields its address."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield os.environ["DATABASE_URL"].replace("/affiliate?", f"/{name}?")
    finally:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def manage(*arguments, **env):
    """Run a command in a process of its own, as at a machine where nothing is there yet."""
    inherited = {**os.environ, "DJANGO_SETTINGS_MODULE": "affiliate_site.settings", **env}
    environment = {name: value for name, value in inherited.items() if value is not None}
    return subprocess.run([*MANAGE, *map(str, arguments)], env=environment, capture_output=True, text=True)


def everything(url):
    """Return a digest of each table, and the names of all indexes, triggers and constraints."""
    with psycopg.connect(url) as server:
        tables = [
            name for (name,) in server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]
        rows = {}
        for name in tables:
            query = sql.SQL("SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} AS t")
            rows[name] = server.execute(query.format(sql.Identifier(name))).fetchone()
        made = server.execute(
            "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
            " UNION SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
            " UNION SELECT conname FROM pg_constraint ORDER BY 1"
        ).fetchall()
    return rows, made


def files_below(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


def test_a_site_comes_back_whole_in_an_empty_database_and_an_empty_folder(
    backup, settings, tmp_path, worker_env
):
    with empty_database("restored") as url:
        done = manage("restore", backup, "--json", DATABASE_URL=url, VAR_DIR=str(tmp_path / "two"))

        assert done.returncode == 0, done.stdout + done.stderr
        assert everything(url) == everything(worker_env["DATABASE_URL"])
    assert files_below(tmp_path / "two" / "media") == files_below(settings.MEDIA_ROOT)
    assert json.loads(done.stdout)["files"] == 3


def test_the_embedded_servers_start_for_it_and_the_key_reads_the_credentials(site, tmp_path):
    """One machine dies, another has nothing but the software and the file."""
    own = {"DATABASE_URL": None, "REDIS_URL": None, "SECRET_KEY": None}
    first, second, file = tmp_path / "first", tmp_path / "second", tmp_path / "site.tar"
    first.mkdir()
    (first / "secret_key").write_text("tests")  # with which the rows of this test are encrypted
    call_command("backup", str(tmp_path / "seed.tar"))
    assert manage("restore", tmp_path / "seed.tar", **own, VAR_DIR=str(first)).returncode == 0

    made = manage("backup", file, **own, VAR_DIR=str(first))
    done = manage("restore", file, **own, VAR_DIR=str(second))
    reads = manage("reencrypt_credentials", "--json", **own, VAR_DIR=str(second))

    assert (made.returncode, done.returncode) == (0, 0), made.stderr + done.stderr
    assert (second / "secret_key").read_text() == "tests"
    assert stat.S_IMODE((second / "secret_key").stat().st_mode) == 0o600
    assert "not running" in reads.stdout  # nothing that was started for it is left
    again = manage("backup", tmp_path / "third.tar", "--json", **own, VAR_DIR=str(second))
    assert json.loads(again.stdout)["rows"] == sum(read_manifest(file).tables.values())
    assert read_manifest(tmp_path / "third.tar").tables == read_manifest(file).tables


def test_the_file_is_its_owners_alone_and_holds_no_key_that_is_not_wanted(site, tmp_path):
    call_command("backup", str(tmp_path / "a.tar"), "--without-keys", "--without-pictures")

    assert stat.S_IMODE((tmp_path / "a.tar").stat().st_mode) == 0o600
    with tarfile.open(tmp_path / "a.tar") as tar:
        assert tar.getnames() == ["database.dump", "manifest.json"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_site_that_is_there_is_replaced_only_when_asked(backup):
    Product.objects.create(title="Later", slug="later")

    with pytest.raises(CommandError, match="holds a site already"):
        call_command("restore", str(backup))
    assert Product.objects.filter(slug="later").exists()

    call_command("restore", str(backup), "--replace")
    assert list(Product.objects.values_list("slug", flat=True)) == ["lampe"]
    assert NetworkAccount.objects.get().get_credentials()


def test_no_mail_that_waited_in_a_backup_is_sent_a_second_time(site, tmp_path):
    put([Letter(kind="digest", recipient="ada@shop.example", subject="News", text="News")])
    call_command("backup", str(tmp_path / "site.tar"))
    Mail.objects.update(state="sent")
    call_command("restore", str(tmp_path / "site.tar"), "--replace")
    assert Mail.objects.get().state == "unknown"
    assert send_due(seconds=1) == 0


@pytest.mark.parametrize(
    "member", ["keys.json", "media/pictures/ab/c.webp", "database.dump", "manifest.json"]
)
def test_a_file_that_was_cut_short_changes_nothing(backup, member):
    with tarfile.open(backup) as tar:
        place = tar.getmember(member).offset_data + 30
    backup.write_bytes(backup.read_bytes()[:place])
    with pytest.raises(CommandError, match="cut short|damaged"):
        call_command("restore", str(backup), "--replace")
    assert Product.objects.get().slug == "lampe"


@pytest.mark.parametrize("member", ["database.dump", "media/pictures/ab/c.webp"])
def test_one_changed_byte_is_noticed(backup, member):
    with tarfile.open(backup) as tar:
        place = tar.getmember(member).offset_data + 30
    data = bytearray(backup.read_bytes())
    data[place] ^= 1
    backup.write_bytes(data)
    with pytest.raises(CommandError, match="damaged"):
        call_command("restore", str(backup), "--replace")


@pytest.mark.parametrize("what", [b"", b"no tar", b"\0" * 20_000])
def test_something_else_is_no_backup(site, tmp_path, what):
    (tmp_path / "x.tar").write_bytes(what)
    with pytest.raises(CommandError, match="no backup of this site"):
        call_command("restore", str(tmp_path / "x.tar"), "--replace")


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "media/../../evil", "media/..\\evil", ""])
def test_no_member_leads_out_of_its_folder(name):
    assert not is_plain(name)


def rewritten(path, change):
    """Change the manifest, which no digest covers."""
    members = {}
    with tarfile.open(path) as tar:
        for info in tar:
            members[info.name] = tar.extractfile(info).read()
    manifest = json.loads(members["manifest.json"])
    change(manifest)
    members["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(path, "w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def test_a_backup_of_a_newer_version_is_refused(backup):
    rewritten(backup, lambda manifest: manifest["migrations"]["catalog"].append("9999_from_tomorrow"))
    with pytest.raises(CommandError, match=r"another version.*catalog.9999_from_tomorrow"):
        call_command("restore", str(backup), "--replace")
    rewritten(backup, lambda manifest: manifest.update(format=99))
    with pytest.raises(CommandError, match="newer version"):
        call_command("restore", str(backup), "--replace")
    assert Product.objects.get().slug == "lampe"


def test_rows_that_do_not_come_leave_the_site_as_it_was(backup):
    Product.objects.create(title="Later", slug="later")
    rewritten(backup, lambda manifest: manifest["tables"].update(catalog_product=2))
    with pytest.raises(CommandError, match=r"Not all rows came: catalog_product 1 of 2"):
        call_command("restore", str(backup), "--replace")
    assert Product.objects.count() == 2


def test_a_restore_that_was_killed_half_way_is_undone_at_the_next_start(backup):
    """Its tables wait aside; a start would else make empty ones in their place."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SCHEMA public RENAME TO before_restore; CREATE SCHEMA public")
    connection.close()

    from affiliate_site.run.preparation import bring_back_tables

    with database.alone(), pytest.raises(Exception, match="at this moment"):
        bring_back_tables()  # by nobody while a restore is under way
    bring_back_tables()
    assert Product.objects.get().slug == "lampe"
    bring_back_tables()
    assert Product.objects.get().slug == "lampe"


def test_what_is_written_meanwhile_belongs_to_the_next_backup(site, tmp_path, monkeypatch, worker_env):
    """The counts and the dump are of one moment."""
    dump = database.dump

    def dump_later(target, name):
        with psycopg.connect(worker_env["DATABASE_URL"]) as other:
            other.execute(
                "INSERT INTO catalog_slugredirect (slug, product_id, created_at)"
                " SELECT 'x', id, now() FROM catalog_product"
            )
        dump(target, name)

    monkeypatch.setattr(make.database, "dump", dump_later)
    call_command("backup", str(tmp_path / "a.tar"))
    assert read_manifest(tmp_path / "a.tar").tables["catalog_slugredirect"] == 0
    call_command("restore", str(tmp_path / "a.tar"), "--replace")


def test_a_full_disk_leaves_no_half_file(site, tmp_path, monkeypatch):
    monkeypatch.setattr(make.Writer, "add", refuse)
    with pytest.raises(CommandError, match="No space left"):
        call_command("backup", str(tmp_path / "a.tar"))
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def refuse(*_):
    raise BackupError("database.dump could not be added: No space left on device.")


def test_the_newest_are_kept_and_others_files_left_alone(site, var):
    folder = var / "backups"
    folder.mkdir()
    for name in ("affiliate-20250101-000000.tar", "affiliate-20250201-000000.tar", "mine.tar"):
        (folder / name).write_bytes(b"")
    call_command("backup", "--keep", "2")
    names = sorted(path.name for path in folder.iterdir())
    assert names[0] == "affiliate-20250201-000000.tar"
    assert names[-1] == "mine.tar"
    assert len(names) == 3


def test_no_backup_is_written_over(backup):
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(backup))
