import json
import os
import signal
import socket
import subprocess

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from affiliate_site.observe import page_times
from affiliate_site.run import processes
from affiliate_site.run.lock import take_lock
from affiliate_site.run.preparation import make_first_administrator, prepare_site
from affiliate_site.run.supervisor import SetupError, Supervisor
from importer.models import NetworkAccount

# In the demo sales come seconds after a click; nobody waits half an hour to see one.
DEMO_PACE = {"SALES_READ_SECONDS": "20"}
SANDBOX_OFFSET = 900  # the sandbox of port 8000 is on 8900, so two sites side by side do not meet


class Command(BaseCommand):
    help = (
        "Start the whole site and keep it running until Ctrl-C: web, worker, beat, and PostgreSQL and Redis "
        "under var/ unless DATABASE_URL and REDIS_URL name others."
    )
    requires_system_checks = []  # the database is not there yet

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
        parser.add_argument("--demo", action="store_true", help="add the sandbox networks, connected")
        parser.add_argument("--sandbox-port", type=int, help=f"port of the sandbox (port + {SANDBOX_OFFSET})")
        parser.add_argument("--items", type=int, default=3000, help="products in the sandbox (3000)")

    def handle(self, *, host, port, demo, sandbox_port, items, **options):
        self.address = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104
        sandbox_port = sandbox_port or port + SANDBOX_OFFSET
        supervisor = Supervisor(settings.VAR_DIR / "log", say=self.say)
        # The same orderly end for all three; shells let background jobs ignore even Ctrl-C.
        on_end_signals(signal.default_int_handler)
        try:
            # Held until we end, however we end; a file that is only left over blocks nobody.
            with take_lock(settings.VAR_DIR, self.address):
                require_free_port(host, port, "--port")
                if demo:
                    require_free_port("127.0.0.1", sandbox_port, "--sandbox-port")
                demo_file = settings.VAR_DIR / "demo.env"
                demo_file.unlink(missing_ok=True)  # of one that was killed
                try:
                    self.start(supervisor, host, port, sandbox_port if demo else None, items)
                    supervisor.watch()
                finally:
                    on_end_signals(signal.SIG_IGN)  # an impatient second Ctrl-C
                    supervisor.stop()
                    demo_file.unlink(missing_ok=True)
        except SetupError as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            self.say("Stopped.")

    def start(
        self, supervisor: Supervisor, host: str, port: int, sandbox_port: int | None, items: int
    ) -> None:
        self.say("Starting the database ...")
        for store in processes.stores():
            supervisor.start(store)
        supervisor.wait_until_ready()
        self.say("Preparing the site (the first time takes longest) ...")
        prepare_site()
        self.say("Starting the web server ...")
        env = {"SITE_URL": os.environ.get("SITE_URL") or self.address}
        if sandbox_port:
            addresses = processes.sandbox_env(sandbox_port)
            env |= addresses
            lines = [f"{name}={value}\n" for name, value in (addresses | DEMO_PACE).items()]
            env |= DEMO_PACE
            (settings.VAR_DIR / "demo.env").write_text("".join(lines))
            supervisor.start(processes.sandbox(sandbox_port, items, env))
        page_times.forget()
        supervisor.start(processes.web(host, port, f"{self.address}/healthz", env))
        supervisor.wait_until_ready()
        # After the first page is there: they want the processor as much as it does.
        for worker in processes.workers(env):
            supervisor.start(worker)
        supervisor.start(processes.beat(env))
        if sandbox_port:
            self.say("Connecting the demo networks ...")
            connect_sandbox(env, self.say)
        self.say(f"The site is at {self.address}/ and its dashboard at {self.address}/dashboard/")
        make_first_administrator(self.say)
        connections.close_all()  # from here on we only watch
        self.say("Ctrl-C stops it.")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def on_end_signals(handler) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def connect_sandbox(env: dict[str, str], say) -> None:
    """Connect the networks that have no account yet to the sandbox, at the same time."""
    from importer.sandbox.credentials import DEMO_CREDENTIALS, DEMO_REPORTS

    connected = set(NetworkAccount.objects.values_list("network", flat=True))
    running = {}
    for network, credentials in DEMO_CREDENTIALS.items():
        if network not in connected:
            given = credentials | DEMO_REPORTS.get(network, {})
            values = [part for name, value in given.items() for part in ("--set", f"{name}={value}")]
            # A process of its own: the network's address is read from the environment when Django starts.
            running[network] = subprocess.Popen(  # noqa: S603 our own command
                [*processes.MANAGE, "connect", network, *values, "--json"],
                env={**os.environ, **env},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
    for network, process in running.items():
        output, errors = process.communicate()
        if process.returncode:
            say(f"The sandbox of {network} is not connected: {reason(output) or errors.strip()[-300:]}")


def reason(output: str) -> str:
    """Return the error out of the JSON that `connect` prints."""
    try:
        return json.loads(output)["error"] or ""
    except (ValueError, KeyError, TypeError):
        return ""


# --- May we start ------------------------------------------------------------------------------


def require_free_port(host: str, port: int, option: str) -> None:
    """Raise SetupError when nobody could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SetupError(
                f"Port {port} on {host} cannot be used ({error.strerror}). Choose another with {option}."
            ) from None
