"""What somebody who helps has to know of a site, in one file without its secrets."""

from __future__ import annotations

import json
import os
import platform
import re
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from affiliate_site.encrypted import CredentialsUnreadable, EncryptedText, decrypt
from affiliate_site.stores import find_problem
from dashboard.operations import missing_migrations, read_numbers
from importer.http.redaction import Redactor
from importer.log import read_log
from importer.models import Feed, ImportRun, SyncRun

LOG_BYTES = 300_000  # of the end of each log file
SHORTEST = 4  # letters of a secret: shorter ones would blank half of all words
RUNS = 50
# Nothing else of the settings leaves the site: a list of what is safe cannot forget a secret.
SAFE_SETTINGS = (
    *("DEBUG", "SITE_URL", "ALLOWED_HOSTS", "EMBEDDED_POSTGRES", "EMBEDDED_REDIS", "PAGE_CACHE_SECONDS"),
    *("LANGUAGE_CODE", "TIME_ZONE", "BEHIND_PROXY", "HTTPS", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"),
    *("GONE_ITEM_DAYS", "DOWNLOADS_MAX_BYTES", "EVENT_DAYS", "EVENT_ROWS", "EMAIL_BACKEND", "MAIL_DAYS"),
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_QUERY = re.compile(r"(https?://[^\s?\"'<>]*)\?[^\s\"'<>]*")
_VISITOR = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}\b", re.I)
_LOGIN = re.compile(r"(\w+://)[^\s/@]+@")


def write_bundle(path: Path) -> list[str]:
    """Write the file, readable for its owner alone, and return the names of its parts. Raises OSError."""
    redact = _redactor()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, value in _parts():
            text = value if isinstance(value, str) else _json(value)
            bundle.writestr(name, redact(text))
        return bundle.namelist()


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, indent=1, ensure_ascii=False, default=str)


def _parts() -> Iterator[tuple[str, Any]]:
    yield (
        "about.json",
        {
            "python": platform.python_version(),
            "system": platform.platform(),
            "processors": os.cpu_count(),
            "packages": {found.metadata["Name"]: found.version for found in distributions()},
            "settings": {name: getattr(settings, name, None) for name in SAFE_SETTINGS},
        },
    )
    problem = find_problem()
    yield "stores.json", {"problem": problem}
    if problem is None:
        yield "numbers.json", {**asdict(read_numbers()), "missing_migrations": missing_migrations()}
        yield "tables.json", _tables()
        yield "feeds.json", list(_feeds())
        yield "runs.json", list(_runs())
        yield "events.txt", "\n".join(f"{line.at:%Y-%m-%d %H:%M:%S} {line.message}" for line in read_log())
    for log in sorted((settings.VAR_DIR / "log").glob("*.log")):
        yield f"log/{log.name}", _end_of(log)


def _tables() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relname, reltuples::bigint, pg_total_relation_size(oid), current_setting('server_version')
            FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 3 DESC
            """
        )
        names = ("table", "rows", "bytes", "postgres")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _feeds() -> Iterator[dict[str, Any]]:
    last = {sync.feed_id: sync for sync in SyncRun.objects.order_by("feed_id", "-pk").distinct("feed_id")}
    for feed in Feed.objects.select_related("account", "program").order_by("pk"):
        sync = last.get(feed.pk)
        if feed.is_mirrored or sync:
            yield {
                **{"feed": feed.pk, "network": feed.account.network, "name": str(feed)},
                **{"is_mirrored": feed.is_mirrored, "schedule": feed.schedule, "items": feed.item_count},
                **{"synced_at": feed.synced_at, "next_sync_at": feed.next_sync_at},
                "last_sync": sync
                and {"state": sync.state, "message": str(sync.message), "at": sync.created_at},
            }


def _runs() -> Iterator[dict[str, Any]]:
    for run in ImportRun.objects.order_by("-pk")[:RUNS]:
        yield {
            **{"run": run.pk, "kind": run.kind, "state": run.state, "message": str(run.message)},
            **{"total": run.total_count, "counts": run.counts},
            **{"created_at": run.created_at, "finished_at": run.finished_at},
        }


def _end_of(log: Path) -> str:
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LOG_BYTES))
        text = file.read().decode("utf-8", "replace")
    # The first line may begin in the middle of a secret.
    return text.partition("\n")[2] if size > LOG_BYTES else text


def _redactor() -> Any:
    # E-mail addresses go by their form: a site may have a million of them.
    blank = Redactor(
        secret for secret in _secrets() if len(secret) >= SHORTEST and not _ADDRESS.fullmatch(secret)
    )

    def redact(text: str) -> str:
        text = _LOGIN.sub(r"\1•••@", _QUERY.sub(r"\1?…", blank(text)))
        return _VISITOR.sub("•.•.•.•", _ADDRESS.sub("•••@•••", text))

    return redact


def _secrets() -> Iterator[str]:
    """Yield every secret that the site knows: its own, and what is encrypted in its rows."""
    yield settings.SECRET_KEY
    yield from settings.CREDENTIALS_KEYS
    yield settings.METRICS_TOKEN
    yield settings.DATABASES["default"].get("PASSWORD") or ""
    yield unquote(urlsplit(settings.REDIS_URL).password or "")
    yield getattr(settings, "EMAIL_HOST_PASSWORD", "") or ""
    options = settings.STORAGES["default"].get("OPTIONS", {})
    yield options.get("secret_key") or ""
    if find_problem():
        return
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedText):
                rows = model._base_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)
                for text in rows.iterator():
                    try:
                        yield from _texts(decrypt(text))
                    except CredentialsUnreadable:
                        continue


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value
