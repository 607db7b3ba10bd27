from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from catalog.lib.currencies import currency_choices
from catalog.site.settings import get_settings
from events.actor import new_cause
from importer.management.output import ScriptCommand
from importer.wordpress.importing import import_products, read_file
from importer.wordpress.wxr import NotWxr


class Command(ScriptCommand):
    help = (
        "Say which external products of a WordPress export (WXR or WooCommerce CSV) would be imported; with "
        "--apply, import them. The same file again makes nothing twice. Old addresses lead to the new pages."
    )

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="carry it out")
        parser.add_argument(
            "--currency", help="of its prices, which the export does not say (default: the site's)"
        )
        parser.add_argument(
            "--site", default="old", help="a name for the site it comes from, if there are several"
        )
        parser.add_argument("--status", choices=["draft", "published"], help="of all; else as it was")

    def run(self, **options: Any) -> dict:
        file, apply, site, status = (options[name] for name in ("file", "apply", "site", "status"))
        currency = options["currency"] or get_settings().currency
        if currency not in dict(currency_choices()):
            raise CommandError(f"{currency} is no currency.")
        key = new_cause("wordpress") if apply else ""
        try:
            report = import_products(
                read_file(file), currency=currency, site=site[:40], key=key, status=status or ""
            )
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except NotWxr as error:
            raise CommandError(str(error)) from None
        counts = {name: report.counts[name] for name in ("new", "known", "bad")}
        return {**counts, "bad_samples": report.bad, "applied": apply, "cause": key if counts["new"] else ""}

    def describe(self, result: dict) -> str:
        lines = [f"  {title}: {reason}" for title, reason in result["bad_samples"]]
        counts = f"{result['new']} new, {result['known']} here already, {result['bad']} not imported"
        end = "Nothing was changed: add --apply to do it."
        if result["applied"]:
            end = f"Done. To take it back: manage.py undo_run {result['cause']}"
        return "\n".join([f"{counts}{':' if lines else '.'}", *lines, end])
