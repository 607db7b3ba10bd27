import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from mail import sending, trimming
from mail.files import read_file
from mail.models import Mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(mail_by, tmp_path):
    mail_by(f"file:{tmp_path}")
    return tmp_path


def test_mail_that_is_over_goes_after_its_days_with_its_file(folder, write, settings):
    settings.MAIL_DAYS = 30
    old, new = write(), write()
    sending.send_due(seconds=5)
    waiting = write()
    then = timezone.now() - timedelta(days=31)
    Mail.objects.exclude(pk=new.pk).update(created_at=then)
    Mail.objects.filter(pk=old.pk).update(ended_at=then)
    for path in folder.iterdir():
        if old.message_id.strip("<>") in path.name:
            os.utime(path, (then.timestamp(),) * 2)
    assert trimming.trim(seconds=5)
    assert set(Mail.objects.values_list("pk", flat=True)) == {new.pk, waiting.pk}
    assert read_file(old.message_id) is None
    assert read_file(new.message_id)["Subject"] == "What is new"


def test_many_are_deleted_a_batch_at_a_time_until_time_is_out(folder, write, monkeypatch):
    monkeypatch.setattr(trimming, "BATCH", 2)
    for _ in range(5):
        write()
    then = timezone.now() - timedelta(days=90)
    Mail.objects.update(created_at=then, ended_at=then, state="sent")
    assert not trimming.trim(seconds=0)
    assert Mail.objects.count() == 3
    assert trimming.trim(seconds=10)
    assert not Mail.objects.exists()


def test_what_else_lies_in_the_folder_stays(folder):
    (folder / "notes.txt").write_text("mine")
    os.utime(folder / "notes.txt", (time.time() - 10**8,) * 2)
    trimming.trim(seconds=5)
    assert (folder / "notes.txt").exists()
