"""One id for everything that a request or a task writes to the log."""

import contextvars
import logging
import re
import secrets

from celery import current_task
from django.conf import settings
from django.http import HttpRequest

HEADER = "X-Request-ID"
_ALLOWED = re.compile(r"[A-Za-z0-9_.-]{8,64}")
_current: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")


def begin(request: HttpRequest) -> str:
    """Give the request its id and return it: that of the proxy before us (BEHIND_PROXY), else a new one."""
    said = request.META.get("HTTP_X_REQUEST_ID", "") if settings.BEHIND_PROXY else ""
    name = said if _ALLOWED.fullmatch(said) else secrets.token_hex(8)
    _current.set(name)
    return name


def end() -> None:
    """Forget it: the thread goes on to the next request."""
    _current.set("")


class Ids(logging.Filter):
    """Adds `request_id` and `task_id` to each line of the log, "" where there is none."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _current.get()
        record.task_id = (current_task and current_task.request.id) or ""
        return True
