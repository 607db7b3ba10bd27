"""The Celery application: four queues, and a short fixed schedule (what is due is a column on the row)."""

import os

from celery import Celery
from celery.contrib.django.task import DjangoTask
from django.db import transaction

from affiliate_site.redis import get_redis
from events.actor import acting_as

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "affiliate_site.settings")


class Task(DjangoTask):
    """A task whose message may fail to be sent: the row it is about is committed, so the page must not break,
    nor wait for a broker that hangs.

    The error is logged, and the schedule below finds the row. What a task changes is changed by
    "task:publish_due" unless it says who acts.
    """

    def __call__(self, *args, **kwargs):
        with acting_as(f"task:{self.name.rpartition('.')[2]}"):
            return super().__call__(*args, **kwargs)

    def delay_on_commit(self, *args, **kwargs) -> None:
        def send() -> None:  # a partial has no name, which Django's report of the error asks for
            get_redis().ping()  # says at once that it is away
            self.delay(*args, **kwargs)

        transaction.on_commit(send, robust=True)


app = Celery("affiliate_site", task_cls=Task)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["affiliate_site"])
app.conf.task_routes = {
    "importer.tasks.sync_feed": {"queue": "feeds"},
    "importer.tasks.refresh_account": {"queue": "feeds"},
    "importer.tasks.delete_accounts": {"queue": "feeds"},
    "importer.tasks.delete_gone_items": {"queue": "feeds"},
    "importer.tasks.find_wrong_joins": {"queue": "feeds"},
    "importer.tasks.find_doubles": {"queue": "feeds"},
    "importer.tasks.keep_category_map": {"queue": "feeds"},
    "importer.tasks.look_after_feeds": {"queue": "feeds"},
    "importer.tasks.keep_fresh": {"queue": "feeds"},
    "importer.tasks.reread_items": {"queue": "feeds"},
    "importer.tasks.look_at_saved_search": {"queue": "feeds"},
    "events.tasks.trim": {"queue": "feeds"},
    # A mail server that hangs keeps nobody else waiting.
    "mail.tasks.*": {"queue": "mail"},
    "api.tasks.*": {"queue": "webhooks"},
    "importer.tasks.fetch_images": {"queue": "images"},
    "importer.tasks.delete_orphaned_pictures": {"queue": "images"},
    # Short and punctual: not behind imports and feeds, which hold a worker for as long as they take.
    "catalog.tasks.run_undo": {"queue": "imports"},  # a person waits for it
    "catalog.tasks.thin_history": {"queue": "feeds"},
    "catalog.tasks.refresh_facets": {"queue": "feeds"},
    "catalog.tasks.learn_words": {"queue": "feeds"},
    "catalog.tasks.*": {"queue": "images"},
    "dashboard.tasks.*": {"queue": "images"},
    "desk.tasks.*": {"queue": "feeds"},
    "desk.tasks.look_at_desk": {"queue": "images"},
    "sales.tasks.make_sums": {"queue": "images"},
    "sales.tasks.look_at_matches": {"queue": "feeds"},
    "sales.tasks.apply_rule": {"queue": "feeds"},
    "pages.tasks.*": {"queue": "images"},
    "sales.tasks.read_reports": {"queue": "feeds"},
    "sales.tasks.read_extras": {"queue": "feeds"},
    "sales.tasks.resume_reading": {"queue": "images"},
    "sales.tasks.forget_windows": {"queue": "images"},
    "desk.tasks.resume_pushes": {"queue": "images"},
}
# Seconds that SIGQUIT leaves to the tasks at hand. What is not done then goes back into its queue.
app.conf.worker_soft_shutdown_timeout = 2
app.conf.beat_scheduler = "affiliate_site.beat:Scheduler"
app.conf.beat_schedule = {
    # A worker or Redis that died took its messages with it: the rows know what is still to do.
    "resume what stands still": {
        "task": "importer.tasks.resume",
        "schedule": 3.0,
        "options": {"expires": 60},  # while no worker runs they must not pile up
    },
    "read the reports that are due": {
        "task": "sales.tasks.resume_reading",
        "schedule": 5.0,
        "options": {"expires": 30},
    },
    "forget what was read long ago": {
        "task": "sales.tasks.forget_windows",
        "schedule": 86_400.0,
        "options": {"expires": 3600},
    },
    "add the clicks": {
        "task": "catalog.tasks.flush_clicks",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "write what the desk decided": {
        "task": "desk.tasks.look_at_desk",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "read what waits for the desk": {
        "task": "desk.tasks.read_for_desk",
        "schedule": 1800.0,
        "options": {"expires": 1800},
    },
    "publish what is due": {
        "task": "catalog.tasks.publish_due",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "publish pages and guides that are due": {
        "task": "pages.tasks.publish_due_posts",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "forget old revisions of pages and guides": {
        "task": "pages.tasks.thin_posts",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "write to visitors whose price has come": {
        "task": "catalog.tasks.watch_prices",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "learn the words of new titles": {
        "task": "catalog.tasks.learn_words",
        "schedule": 3.0,
        "options": {"expires": 3},
    },
    "let filters know new properties": {
        "task": "catalog.tasks.refresh_facets",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "forget price alerts that are over": {
        "task": "catalog.tasks.forget_alerts",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "forget old changes": {
        "task": "catalog.tasks.clear_changes",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "keep prices fresh": {
        "task": "importer.tasks.keep_fresh",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "find products that are probably one": {
        "task": "importer.tasks.find_doubles",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "keep the category map true": {
        "task": "importer.tasks.keep_category_map",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "find offers on products that they are unlike": {
        "task": "importer.tasks.find_wrong_joins",
        "schedule": 86_400.0,
        "options": {"expires": 3600},
    },
    "delete feed items that are gone for long": {
        "task": "importer.tasks.delete_gone_items",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "resume undos that stand still": {
        "task": "catalog.tasks.resume_undos",
        "schedule": 3.0,
        "options": {"expires": 60},
    },
    "forget old revisions": {
        "task": "catalog.tasks.thin_history",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "forget old events": {
        "task": "events.tasks.trim",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "resume pushes that stand still": {
        "task": "desk.tasks.resume_pushes",
        "schedule": 5.0,
        "options": {"expires": 60},
    },
    "tell people what needs them": {
        "task": "dashboard.tasks.tell_people",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "sum up sales and clicks": {
        "task": "sales.tasks.make_sums",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "look whether sales are where their products are": {
        "task": "sales.tasks.look_at_matches",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "send mail": {
        "task": "mail.tasks.send_due",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "tell webhooks what changed": {
        "task": "api.tasks.deliver",
        "schedule": 3.0,
        "options": {"expires": 3},
    },
    "forget old deliveries and answers": {
        "task": "api.tasks.trim",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "forget old mail": {
        "task": "mail.tasks.trim",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "delete the files of pictures that nobody shows": {
        "task": "importer.tasks.delete_orphaned_pictures",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}
