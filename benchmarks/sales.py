"""How fast sales are read and written: `python benchmarks/sales.py [--sales 20000]`.

Starts PostgreSQL, Redis and the sandbox for itself. Tells rows a second of a first read without the network's
pacing, what that is beside the pacing, the memory it takes, and the rates of the upsert alone.
"""

import argparse
import os
import resource
import shutil
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
PAGE, A_MINUTE = 100, 60  # rows and requests that Tradedoubler gives


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sales", type=int, default=20_000)
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ["NETWORK_REQUESTS"] = "1000000"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from affiliate_site.run import processes, servers
    from affiliate_site.run.supervisor import Supervisor
    from importer.sandbox.server import running_server
    from importer.sandbox.state import Options

    with ExitStack() as stack:
        stack.callback(shutil.rmtree, settings.VAR_DIR, ignore_errors=True)
        supervisor = Supervisor(settings.VAR_DIR / "log", say=print)
        stack.callback(supervisor.stop)
        supervisor.start(servers.postgres(settings.VAR_DIR, servers.VOLATILE_SETTINGS))
        supervisor.start(servers.redis_server(settings.VAR_DIR))
        supervisor.wait_until_ready()
        call_command("migrate", verbosity=0)
        server = stack.enter_context(running_server(items=500, options=Options(connect_rate_limit=10**9)))
        for name, address in processes.sandbox_env(server.port).items():
            if name != "ALLOW_PRIVATE_HOSTS":
                setattr(settings, name, address)
        first_read(server, asked.sales)
        upserts(asked.sales)


def make_account(label: str):
    from importer.models import NetworkAccount
    from importer.networks.contract import Capability
    from importer.sandbox.credentials import DEMO_CREDENTIALS, DEMO_REPORTS

    account = NetworkAccount(network="tradedoubler", label=label)
    account.set_credentials(DEMO_CREDENTIALS["tradedoubler"])
    account.set_credentials(DEMO_REPORTS["tradedoubler"], Capability.REPORTS)
    account.save()
    return account


def first_read(server, count: int) -> None:
    from importer.sandbox.sales import control
    from sales.models import ReportWindow, Sale
    from sales.read import reader, schedule

    control.sales(server.state, "POST", {"history": count, "days": 365, "networks": ["tradedoubler"]})
    account = make_account("first read")
    schedule.plan()
    reader.work(account.pk, seconds=0)  # the first window: what is loaded once is loaded
    before, read = memory(), Sale.objects.count()
    began = time.perf_counter()
    reader.work(account.pk)
    seconds = time.perf_counter() - began
    rows = Sale.objects.count() - read
    pacing = (rows / PAGE + ReportWindow.objects.count()) / A_MINUTE * 60
    print(f"first read: {rows:,} sales in {seconds:.1f} s, {rows / seconds:,.0f}/s")
    print(
        f"the network's pacing: {pacing:.0f} s, so {(pacing + seconds) / pacing:.2f}x if nothing overlapped"
    )
    print(f"memory: {memory() - before:+.0f} MB over {rows:,} sales")


def upserts(count: int) -> None:
    from django.db import transaction

    from importer.networks.reports import SaleData, SaleState
    from sales.read.upsert import Tally, write_sales

    account, at = make_account("upserts"), datetime.now(UTC) - timedelta(days=300)
    for name, state in (("new", "pending"), ("unchanged", "pending"), ("changed", "approved")):
        rows = [
            SaleData(
                external_id=f"u{number}",
                program_id="1",
                state=SaleState(state),
                network_state=state,
                order_value=Decimal(50),
                commission=Decimal("2.5"),
                currency="EUR",
                happened_at=at + timedelta(minutes=number * 20 % 400_000),
                sub_id=f"p{number % 50}-top",
            )
            for number in range(count)
        ]
        began = time.perf_counter()
        for start in range(0, count, 1000):
            with transaction.atomic():
                write_sales(account.pk, rows[start : start + 1000], {}, Tally())
        seconds = time.perf_counter() - began
        print(f"upsert, {name}: {count / seconds:,.0f}/s")


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
