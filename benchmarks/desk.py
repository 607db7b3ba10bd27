"""The desk at full size: conversions into the outbox and out of it.

Fewer with `BENCHMARK_CONVERSIONS`.
"""

import os
import time

import psutil

from benchmarks.site import running_site, say, seconds

CONVERSIONS = int(os.environ.get("BENCHMARK_CONVERSIONS", 5_000))
CAMPAIGN = "20101"


def main() -> None:
    print(f"The desk: {CONVERSIONS:,} conversions")
    with running_site() as supervisor:
        measure_conversions(supervisor)
    say("load of the machine meanwhile", f"{psutil.getloadavg()[1]:.1f}")


def measure_conversions(supervisor) -> None:
    """Take conversions twice, send them to the sandbox, and count the rows on both sides."""
    from django.conf import settings

    from affiliate_site.run import processes
    from desk.models import Conversion, DeskAccount
    from desk.services import outbox
    from desk.services.conversions import MOST_AT_ONCE, take

    env = processes.sandbox_env(SANDBOX_PORT)
    supervisor.start(processes.sandbox(SANDBOX_PORT, 100, env))
    supervisor.wait_until_ready()
    for name, value in env.items():
        if name != "ALLOW_PRIVATE_HOSTS":
            setattr(settings, name, value)
    account = DeskAccount(
        network="tradetracker", kind="conversions", label="Shop", programs={CAMPAIGN: "Shop"}
    )
    account.set_credentials({"campaign_id": CAMPAIGN, "product_id": "1"})
    account.save()
    told = [
        {"tid": f"N-{number}", "amount": "129.99", "currency": "EUR", "reference": "1::51000::p1-top::::1"}
        for number in range(CONVERSIONS)
    ]

    def take_all() -> None:
        for start in range(0, CONVERSIONS, MOST_AT_ONCE):
            take(account, told[start : start + MOST_AT_ONCE])

    say("conversions taken", f"{CONVERSIONS / seconds(take_all):,.0f}/s", "goal: at least 200/s")
    say("the same told again", f"{CONVERSIONS / seconds(take_all):,.0f}/s")
    spent = time.process_time()
    sent = seconds(lambda: outbox.send_waiting(account, seconds=600))
    spent = (time.process_time() - spent) / CONVERSIONS
    say("conversions sent", f"{CONVERSIONS / sent:,.0f}/s", "goal: at least 200/s")
    say("our processor time for each", f"{spent * 1000:.1f} ms", "the sandbox takes its own beside it")
    rows = Conversion.objects.filter(state="sent").count()
    say("rows, one for each transaction id", f"{rows:,}", f"goal: {CONVERSIONS:,}")


SANDBOX_PORT = 8917

if __name__ == "__main__":
    main()
