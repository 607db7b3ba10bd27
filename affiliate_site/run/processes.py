"""The processes of the site, ready for the supervisor. `env` is added to the environment they inherit."""

import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping

from celery.utils.nodenames import host_format
from django.conf import settings

from affiliate_site.beat import SIGN_EVERY, seconds_silent
from affiliate_site.celery import app
from affiliate_site.places import THREADS
from affiliate_site.queues import QUEUES
from affiliate_site.redis import RedisError, redis_answers
from affiliate_site.run.supervisor import Process

# Nobody waits for these. On a busy machine they come last, and take longer to answer.
BEHIND = {"niceness": 10, "hung_after": 60.0}
MANAGE = (sys.executable, str(settings.BASE_DIR / "manage.py"))
ASK_TIMEOUT = 3  # seconds
WEB_HUNG_AFTER = 20  # seconds; longer than the others, for the question waits in line behind the visitors
CELERY = (sys.executable, "-m", "celery", "--app", "affiliate_site")


def stores() -> list[Process]:
    """Return the embedded servers that this site needs: none where both addresses are set."""
    found = []
    if settings.EMBEDDED_POSTGRES or settings.EMBEDDED_REDIS:
        from affiliate_site.run import servers  # needs the extra "embedded"

        if settings.EMBEDDED_POSTGRES:
            found.append(servers.postgres(settings.VAR_DIR))
        if settings.EMBEDDED_REDIS:
            found.append(servers.redis_server(settings.VAR_DIR))
    return found


def web(host: str, port: int, health_url: str, env: Mapping[str, str]) -> Process:
    """Return the web server; what its threads are for: `affiliate_site.places`."""
    command = [
        *(sys.executable, "-m", "granian", "affiliate_site.wsgi:application", "--interface", "wsgi"),
        *("--host", host, "--port", str(port), "--workers", "2", "--blocking-threads", str(THREADS)),
        *("--respawn-failed-workers", "--no-ws"),
    ]
    return Process(
        name="web",
        command=command,
        cwd=settings.BASE_DIR,
        env=env,
        is_ready=lambda: answers(health_url),
        answers=lambda: speaks(health_url),
        hung_after=WEB_HUNG_AFTER,
    )


def worker(
    env: Mapping[str, str],
    name: str = "worker",
    queues: Iterable[str] = QUEUES,
    options: Iterable[str] = (),
    *,
    count: int = 2,
    niceness: int = 5,
    hung_after: float = 15,
) -> Process:
    """Return a Celery worker of `count` processes for these queues.

    By its niceness it takes the processor after the web server: visitors first.
    """
    node = host_format(f"{name}@%h")
    command = [
        *("nice", "-n", str(niceness)),
        *(*CELERY, "worker", "--loglevel", "INFO", "--queues", ",".join(queues)),
        *("--concurrency", str(count)),
        *("--hostname", node, *options),
        *("--without-gossip", "--without-mingle"),  # talk among workers; not needed
    ]
    return Process(
        name=name,
        command=command,
        cwd=settings.BASE_DIR,
        env=env,
        stop_signal="SIGQUIT",  # it has `worker_soft_shutdown_timeout` to end what it does, which then waits
        answers=lambda: worker_answers(node),
        hung_after=hung_after,
    )


def image_worker(env: Mapping[str, str]) -> Process:
    """Return the worker that copies pictures: other people's servers may keep it waiting."""
    # A process that a huge picture made fat is replaced.
    return worker(env, "image-worker", ["images"], ["--max-memory-per-child", "250000"], **BEHIND)


def mail_worker(env: Mapping[str, str]) -> Process:
    """Return the worker that sends mail and webhooks: other people's servers may keep it waiting, and nobody
    else."""
    return worker(env, "mail-worker", ["mail", "webhooks"], **BEHIND)


def workers(env: Mapping[str, str]) -> list[Process]:
    """Return the site's workers: a person waits for an import, and no long feed may stand in its way."""
    # One more than the connections to a host: one that hangs cannot hold all of them.
    feed_worker = worker(env, "feed-worker", ["feeds"], count=3, **BEHIND)
    return [worker(env, "worker", ["imports"]), feed_worker, image_worker(env), mail_worker(env)]


def beat(env: Mapping[str, str]) -> Process:
    command = [*CELERY, "beat", "--loglevel", "INFO", "--pidfile", ""]
    return Process(name="beat", command=command, cwd=settings.BASE_DIR, env=env, answers=beat_answers)


def sandbox(port: int, items: int, env: Mapping[str, str]) -> Process:
    """Return the fake networks; `env` must hold `sandbox_env(port)`. Their weeks go on where they ended."""
    state = settings.VAR_DIR / "sandbox.json"
    return Process(
        name="sandbox",
        command=[*MANAGE, "sandbox", "--port", str(port), "--items", str(items), "--state", str(state)],
        env=env,
        is_ready=lambda: answers(env["TRADETRACKER_WSDL_URL"]),
    )


def sandbox_env(port: int) -> dict[str, str]:
    """Return the settings that turn the clients to the sandbox of that port."""
    base = f"http://127.0.0.1:{port}"
    return {
        "TRADEDOUBLER_API_URL": f"{base}/tradedoubler/1.0/",
        "TRADEDOUBLER_CONNECT_URL": f"{base}/connect/",
        "ADTRACTION_API_URL": f"{base}/adtraction/",
        "TRADETRACKER_WSDL_URL": f"{base}/tradetracker/soap-literal-wsi/affiliate?wsdl",
        "TRADETRACKER_MERCHANT_WSDL_URL": f"{base}/tradetracker/soap-literal-wsi/merchant?wsdl",
        "TRADETRACKER_SALE_URL": f"{base}/tradetracker/sale/",
        "TRADETRACKER_LEAD_URL": f"{base}/tradetracker/lead/",
        "SANDBOX_URL": base,
        "ALLOW_PRIVATE_HOSTS": "127.0.0.1",
    }


def answers(url: str) -> bool:
    """Return whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 our own address
            return response.status == 200
    except OSError:
        return False


def speaks(url: str) -> bool:
    """Return whether a GET is answered at all, be it with an error."""
    try:
        urllib.request.urlopen(url, timeout=WEB_HUNG_AFTER).close()  # noqa: S310 our own address
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def worker_answers(node: str) -> bool:
    """Return whether the worker answers; without Redis it cannot be asked, and is no worse for it."""
    if not redis_answers():
        return True
    with app.connection_for_write() as broker:  # a kept one may be that of a Redis which is gone
        return bool(app.control.ping(destination=[node], timeout=ASK_TIMEOUT, limit=1, connection=broker))


def beat_answers() -> bool:
    """Return whether beat left a sign of life of late; without Redis it cannot, and is no worse for it."""
    try:
        silent = seconds_silent()
    except RedisError:
        return True
    return silent is not None and silent < 2 * SIGN_EVERY
