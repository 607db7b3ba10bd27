"""Commands that work in their own process, while PostgreSQL closes their connections again and again."""

import json
import os
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection

from importer.models import ImportRun
from tests.importer.make import make_items

pytestmark = pytest.mark.django_db(transaction=True)

CLOSE_OTHERS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def test_a_command_that_loses_the_database_for_good_ends_in_one_sentence(worker_env):
    ids = [item.pk for item in make_items(count=2_000)]
    command = subprocess.Popen(
        [sys.executable, "manage.py", "import_items", *map(str, ids), "--inline", "--json"],
        cwd=settings.BASE_DIR,
        env={**os.environ, **worker_env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    give_up_at = time.monotonic() + 120
    with connection.cursor() as cursor:
        while not ImportRun.objects.exists() and command.poll() is None:
            assert time.monotonic() < give_up_at
            time.sleep(0.01)
        while command.poll() is None:
            assert time.monotonic() < give_up_at
            cursor.execute(CLOSE_OTHERS)
            time.sleep(0.01)
    output, errors = command.communicate()
    assert command.returncode == 1, errors
    assert "Traceback" not in errors
    assert len(errors.strip().splitlines()) == 1, errors
    assert "PostgreSQL" in json.loads(output)["error"]
    assert ImportRun.objects.get().is_active  # whoever looks after runs takes it up
