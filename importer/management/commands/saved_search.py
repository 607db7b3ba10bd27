import sys
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from importer import tasks
from importer.imports import apply
from importer.imports.recipes import export_recipes, import_recipes
from importer.imports.saved import list_saved, may_add, run_trial
from importer.imports.saved_runs import look, room_today
from importer.management.output import Failure, ScriptCommand
from importer.models import SavedSearch
from importer.networks.query import QueryError


class Command(ScriptCommand):
    help = "List saved searches, run one, export them to a file or import them from one."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("action", choices=["list", "run", "export", "import"])
        parser.add_argument("what", nargs="?", default="", help="run: id or name; export, import: file")
        parser.add_argument(
            "--plan", action="store_true", help="run: say what ten would become, write nothing"
        )
        parser.add_argument("--inline", action="store_true", help="run: import in this process")
        parser.add_argument("--replace", action="store_true", help="import: replace those of the same name")

    def run(self, **options) -> dict:
        return getattr(self, f"_{options['action']}")(options["what"], options)

    def _list(self, what: str, options: dict) -> dict:
        return {"saved_searches": [_as_dict(saved, run) for saved, run in list_saved()]}

    def _run(self, what: str, options: dict) -> dict:
        found = SavedSearch.objects.filter(name=what).first()
        if found is None and what.isdecimal() and len(what) < 19:
            found = SavedSearch.objects.filter(pk=int(what)).first()
        if found is None:
            raise CommandError(f"There is no saved search “{what}”." if what else "Name a saved search.")
        if options["plan"]:
            return self._plan(found)
        run = look(found.pk, is_asked=True)
        if run and options["inline"]:
            apply.work(run)
            run.refresh_from_db()
        elif run:
            tasks.run_import.delay_on_commit(run.pk)
        found.refresh_from_db()
        return _as_dict(found, run)

    def _plan(self, found: SavedSearch) -> dict:
        try:
            trial = run_trial(found)
        except QueryError as error:
            raise CommandError(str(error)) from None
        return {
            "name": found.name,
            "waiting": trial.waiting,
            "plan": [
                {
                    "item": decision.planned.item.id,
                    "title": decision.planned.item.title,
                    "verdict": decision.verdict.value,
                    "message": decision.message,
                }
                for decision in trial.decisions
            ],
        }

    def _export(self, what: str, options: dict) -> dict:
        text = export_recipes(SavedSearch.objects.all())
        if what in ("", "-"):
            sys.stdout.write(text)
            raise SystemExit(0)
        try:
            Path(what).write_text(text)
        except OSError as error:
            raise CommandError(f"{what} cannot be written: {error.strerror}.") from None
        return {"file": what, "count": SavedSearch.objects.count()}

    def _import(self, what: str, options: dict) -> dict:
        try:
            data = sys.stdin.buffer.read() if what in ("", "-") else Path(what).read_bytes()
            outcomes = import_recipes(data, replaces=options["replace"])
        except OSError as error:
            raise CommandError(f"{what} cannot be read: {error.strerror}.") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        results = [{"name": o.name, "result": o.result, "notes": list(o.notes)} for o in outcomes]
        if outcomes and all(outcome.result == "refused" for outcome in outcomes):
            raise Failure("None of these saved searches can be kept here.", recipes=results)
        return {"recipes": results}

    def describe(self, result: dict) -> str:
        if "saved_searches" in result:
            return "\n".join(_line(row) for row in result["saved_searches"]) or "No saved searches."
        if "recipes" in result:
            return "\n".join(
                f"{row['result']:10} {row['name']}  {' '.join(row['notes'])}".rstrip()
                for row in result["recipes"]
            )
        if "plan" in result:
            rows = [f"{row['verdict']:10} {row['title'][:60]}  {row['message']}" for row in result["plan"]]
            return "\n".join([*rows, f"{result['waiting']:,} wait."])
        if "file" in result:
            return f"{result['count']:,} saved searches written to {result['file']}."
        return _line(result)


def _line(row: dict) -> str:
    counts = f"{row['new']:,} new, {row['waiting']:,} wait."
    return f"{row['id']:>6}  {row['name'][:50]}  {counts} {row['outcome']}".rstrip()


def _as_dict(saved: SavedSearch, run) -> dict:
    return {
        "id": saved.pk,
        "name": saved.name,
        "query": saved.query,
        "schedule": saved.schedule,
        "keep_adding": saved.keep_adding,
        "is_approved": may_add(saved),
        "daily_limit": saved.daily_limit,
        "room_today": room_today(saved),
        "new": saved.new_count,
        "waiting": saved.waiting_count,
        "counted_at": saved.counted_at,
        "next_run_at": saved.next_run_at,
        "outcome": str(saved.outcome),
        "run": run and {"id": run.pk, "state": run.state, "counts": run.counts},
    }
