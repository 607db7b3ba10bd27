"""`desk report statistics|transactions|dashboard|...`: Tradedoubler's reports for scripts."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from desk.services.program import CALLS
from desk.services.program import run as program
from desk.services.program.words import cell

help = "Show a report of Tradedoubler: statistics, transactions, dashboard, top-programs, top-sources."
REPORTS = ("statistics", "transactions", "dashboard", "top-programs", "top-sources")
_OPTIONS = {
    "from": "fromDate",
    "to": "toDate",
    "by": "reportType",
    "interval": "intervalType",
    "currency": "reportCurrencyCode",
    "program": "programId",
    "status": "status",
}


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("report", choices=REPORTS)
    parser.add_argument("--login", help="the name of the login, where there are several")
    parser.add_argument("--from", metavar="DAY", help="such as 2026-11-01")
    parser.add_argument("--to", metavar="DAY", help="this day is in it")
    parser.add_argument("--by", choices=("source", "program", "ad", "date"))
    parser.add_argument("--interval", help="day, month, year, period; of a dashboard LAST_30_DAYS and so on")
    parser.add_argument("--currency", default="EUR")
    parser.add_argument("--program", metavar="ID")
    parser.add_argument("--status", choices=("P", "A", "D"))
    parser.add_argument("--csv", action="store_true", help="the network's own CSV")


def run(**options: Any) -> dict[str, Any]:
    call = CALLS[options["report"]]
    if options["csv"]:
        if f"{call.slug}-file" not in CALLS:
            raise CommandError(f"{call.slug} has no CSV.")
        call = CALLS[f"{call.slug}-file"]
    account = _account(options["login"])
    data = {name: options[option] for option, name in _OPTIONS.items() if options[option]}
    form = program.CallForm(call, account, {**data, "format": "csv"})
    if not form.is_valid():
        words = [f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()]
        raise CommandError(" ".join(words))
    try:
        if call.is_file:
            return {
                "text": program.fetch_file(account, call, form.cleaned_data).content.decode(
                    "utf-8", "replace"
                )
            }
        return _read_all(account, call, form.cleaned_data)
    except program.NotAllowed:
        raise CommandError("The role of this login does not allow it.") from None


def _read_all(account: Any, call: Any, values: dict[str, Any]) -> dict[str, Any]:
    rows: list[Any] = []
    page, shown = 1, program.read(account, call, values)
    while True:
        rows += shown.rows
        if not shown.has_next:
            break
        page += 1
        shown = program.read(account, call, values, page=page)
    if shown.facts:
        return {"facts": dict(shown.facts)}
    columns = [label for _, label in call.columns]
    listed = [{label: cell(row, name) for name, label in call.columns} for row in rows]
    return {"columns": columns, "rows": listed, "currency": shown.about.get("reportCurrencyCode", "")}


def _account(label: str | None) -> Any:
    known = [one for one in program.accounts() if label in (None, one.label)]
    if not known:
        raise CommandError("No login for programs is connected." if label is None else f"No login “{label}”.")
    if len(known) > 1:
        raise CommandError(f"Name one of the logins: {', '.join(one.label for one in known)}")
    return known[0]


def describe(result: dict[str, Any]) -> str:
    if "text" in result:
        return str(result["text"])
    if "facts" in result:
        return "\n".join(f"{name}: {value}" for name, value in result["facts"].items())
    lines = ["\t".join(result["columns"])]
    lines += ["\t".join(row.values()) for row in result["rows"]]
    return "\n".join(lines)
