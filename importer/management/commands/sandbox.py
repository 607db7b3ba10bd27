"""Run the three fake networks until Ctrl-C."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from importer.sandbox.server import make_server
from importer.sandbox.state import Options


class Command(BaseCommand):
    help = "Run a server that behaves like Tradedoubler, Adtraction and TradeTracker, with made-up products."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
        parser.add_argument(
            "--port", type=int, default=8900, help="port; 0 takes a free one (default %(default)s)"
        )
        parser.add_argument(
            "--items", type=int, default=3000, help="products over all feeds (default %(default)s)"
        )
        parser.add_argument(
            "--page-size-cap", type=int, default=100, choices=(100, 1000), help="Tradedoubler's largest page"
        )
        parser.add_argument(
            "--rate-limit",
            type=int,
            default=30,
            help="Adtraction's calls per minute and endpoint (default %(default)s)",
        )
        parser.add_argument("--state", type=Path, help="file that keeps what changed in the catalogue")

    def handle(self, *args: Any, **options: Any) -> None:
        choices = Options(page_size_cap=options["page_size_cap"], rate_limit=options["rate_limit"])
        try:
            server = make_server(
                options["host"], options["port"], options["items"], choices, options["state"]
            )
        except (OSError, OverflowError) as error:
            raise CommandError(f"Cannot listen on {options['host']}:{options['port']}: {error}") from error
        for number in (signal.SIGINT, signal.SIGTERM):  # shells let background jobs ignore even Ctrl-C
            signal.signal(number, signal.default_int_handler)
        self.stdout.write(f"Sandbox ready on {server.url} with {server.state.catalogue.size} items")
        self.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            self.stdout.write("Sandbox stopped")
        finally:
            server.server_close()
