import time
from typing import Any

from django.core.management.base import CommandError

from catalog import tasks
from catalog.models import UndoRun
from catalog.services import CatalogError, undo
from importer.management.output import ScriptCommand, require_worker

POLL = 0.2  # seconds
SHOWN = 20  # products that are not simply taken back


class Command(ScriptCommand):
    help = (
        "Take back what a run did: an import, an update, or anything with a cause. "
        "What somebody changed since is kept, and said."
    )

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "run",
            metavar="RUN",
            help='number of an import run, or a cause as histories name it: "undo:3", "bulk:..."',
        )
        parser.add_argument("--plan", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--inline", action="store_true", help="work in this process, without a worker")

    def run(self, **options: Any) -> dict:
        run, plan, inline = options["run"], options["plan"], options["inline"]
        try:
            undo_run = undo.start_undo(f"run:{run}" if run.isdecimal() else run)
        except CatalogError as error:
            raise CommandError(str(error)) from error
        is_inline = inline or plan
        if not is_inline:
            require_worker()
        self.work(undo_run, inline=is_inline)
        if plan:
            result = self.result(undo_run)
            undo.cancel_undo(undo_run)
            return {**result, "state": "planned"}
        try:
            if undo_run.is_planned and not undo.carry_out(undo_run):
                raise CommandError("Somebody else takes this back at the moment.")
        except CatalogError as error:
            raise CommandError(str(error)) from error
        self.work(undo_run, inline=is_inline)
        return self.result(undo_run)

    def work(self, run: UndoRun, *, inline: bool) -> None:
        """Do the next step of the run, or wait for the workers that do it."""
        if inline:
            undo.work(run.pk)
        else:
            tasks.run_undo.delay_on_commit(run.pk)
        run.refresh_from_db()
        while run.is_active:
            time.sleep(POLL)
            run.refresh_from_db()
            self.progress(run.done_count if run.started_at else run.planned_count, run.total_count)

    def result(self, run: UndoRun) -> dict:
        counts = undo.count_verdicts(run)
        column = "verdict" if run.started_at else "planned"
        others = run.items.exclude(**{f"{column}__in": ["taken_back", "nothing"]}).order_by("id")
        rows = others.values_list("product_id", column, "message")[:SHOWN]
        return {
            "undo": run.pk,
            "cause": run.cause,
            "state": run.state,
            "total": run.total_count,
            "counts": counts,
            "others": [
                {"product": product_id, "verdict": verdict, "message": message}
                for product_id, verdict, message in rows
            ],
        }

    def describe(self, result: dict) -> str:
        counts = [f"{count} {verdict.replace('_', ' ')}" for verdict, count in result["counts"].items()]
        words = ", ".join(counts) or "nothing"
        lines = [f"Undo {result['undo']} of {result['cause']} {result['state']}: {words}"]
        lines += [f"  product {each['product']}: {each['message']}" for each in result["others"]]
        return "\n".join(lines)
