"""A click on quick import: when it is answered, and when its row is green.

Over HTTP, on the site's own web server, workers and Redis: the click, then the row's own question as the page
asks it, with nothing else to do and while two workers import 20,000 items.
"""

import re
import statistics
import time

from benchmarks.site import make_feed, make_items, running_site, say

CLICKS = 15
PORT = 8991
POLL = 0.1  # seconds; the page asks every 0.4 s at first


def main() -> None:
    print(f"Quick import, median and worst of {CLICKS} clicks")
    with running_site() as supervisor:
        from django.contrib.auth import get_user_model

        from affiliate_site.run import processes
        from benchmarks.bulk_import import import_run, make_category
        from importer import tasks

        get_user_model().objects.create_superuser("admin", password="benchmark")
        feed = make_feed()
        clicks = make_items(feed, 2 * CLICKS)
        many = [make_items(feed, 20_000, start) for start in (100_000, 200_000)]
        address = f"http://127.0.0.1:{PORT}"
        supervisor.start(processes.web("127.0.0.1", PORT, f"{address}/healthz", {"SITE_URL": address}))
        for worker in processes.workers({}):
            supervisor.start(worker)
        supervisor.wait_until_ready()
        session = log_in(address)
        click(session, address, make_items(feed, 1, 500_000)[0])  # the first one starts everything up
        report("", [click(session, address, item) for item in clicks[:CLICKS]])
        category = make_category()
        for ids in many:
            tasks.run_import.delay(import_run(ids, category).pk)
        report(" during two long runs", [click(session, address, item) for item in clicks[CLICKS:]])


def log_in(address):
    import requests

    session = requests.Session()
    session.get(f"{address}/dashboard/login/", timeout=30)
    form = {"username": "admin", "password": "benchmark", "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    answer = session.post(f"{address}/dashboard/login/", data=form, timeout=30)
    assert answer.url.endswith("/dashboard/"), answer.url
    session.headers.update({"HX-Request": "true", "X-CSRFToken": session.cookies["csrftoken"]})
    return session


def click(session, address, item) -> tuple[float, float]:
    """Return the seconds until the click was answered, and until the row was green."""
    started = time.perf_counter()
    answer = session.post(f"{address}/dashboard/items/{item}/quick/", timeout=30)
    answered = time.perf_counter() - started
    assert answer.status_code == 200, answer.status_code
    while 'data-state="done"' not in answer.text:
        time.sleep(POLL)
        row = re.search(r'hx-get="([^"]+)"', answer.text)[1]
        answer = session.get(address + row.replace("&amp;", "&"), timeout=30)
    return answered, time.perf_counter() - started


def report(when: str, times: list[tuple[float, float]]) -> None:
    for name, seconds, goal in (
        ("click answered", [answered for answered, _ in times], "at most 100 ms"),
        ("row green", [green for _, green in times], "at most 1,000 ms"),
    ):
        figures = f"{statistics.median(seconds) * 1000:.0f} / {max(seconds) * 1000:.0f} ms"
        say(name + when, figures, f"goal: {goal}")


if __name__ == "__main__":
    main()
