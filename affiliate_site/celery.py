"""The Celery application: three queues, and a short fixed schedule (what is due is a column on the row)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "affiliate_site.settings")

app = Celery("affiliate_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.task_routes = {
    "importer.tasks.run_import": {"queue": "imports"},
    "importer.tasks.sync_feed": {"queue": "feeds"},
    "importer.tasks.fetch_image": {"queue": "images"},
}
app.conf.beat_schedule = {
    # A worker or Redis that died took its messages with it: the rows know what is still to do.
    "resume what stands still": {"task": "importer.tasks.resume", "schedule": 15.0},
}
