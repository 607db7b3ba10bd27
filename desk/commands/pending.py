"""`desk pending list|validate FILE`: sales that wait for a yes or no."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from desk.services import pending
from desk.services.returns import follow_plan, plan_returns
from importer.http.errors import NetworkError
from importer.sentences import say

help = "List sales to validate, or follow a CSV of returns (order, action, reason, amount)."
SHOWN = 500


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("action", nargs="?", choices=("list", "validate"), default="list")
    parser.add_argument("file", nargs="?", help="a CSV, or - for standard input")
    parser.add_argument("--yes", action="store_true", help="decide; without it, only the plan is shown")
    parser.add_argument("--days", type=int, help="list those that time decides within so many days")
    parser.add_argument("--read", action="store_true", help="read the networks first")


def run(**options: Any) -> dict[str, Any]:
    problems = []
    if options["read"]:
        for account in pending.accounts():
            try:
                pending.read_pending(account)
            except NetworkError as error:
                problems.append(f"{account}: {say(error)}")
    if options["action"] == "list":
        found = pending.list_pending(within_days=options["days"])
        return {"count": found.count(), "sales": [_row(row) for row in found[:SHOWN]], "problems": problems}
    try:
        plan = plan_returns(_text(options["file"]))
    except ValueError as error:
        raise CommandError(str(error)) from None
    lines = [
        {"order": line.order_number, "line": line.number, "what": line.words, "is_followed": not line.problem}
        for line in plan
    ]
    queued = follow_plan(plan, user=None)[0] if options["yes"] else 0
    return {"plan": lines, "queued": queued, "problems": problems}


def _text(name: str | None) -> str:
    if not name:
        raise CommandError("Name the file: desk pending validate returns.csv")
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}") from None


def _row(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "order": row.order_number,
        "network": row.account.network,
        "program": row.program,
        "publisher": row.source,
        "value": row.order_value,
        "commission": row.commission,
        "currency": row.currency,
        "ends_at": row.ends_at,
        "decision": row.state,
        "problem": row.problem,
    }


def describe(result: dict[str, Any]) -> str:
    lines = [*result["problems"]]
    if "sales" in result:
        lines += [_line(row) for row in result["sales"]]
        lines.append(f"{result['count']} in all.")
    else:
        lines += [f"line {line['line']}, {line['order']}: {line['what']}" for line in result["plan"]]
        lines.append(
            f"On their way: {result['queued']}." if result["queued"] else "Nothing was decided: add --yes."
        )
    return "\n".join(lines)


def _line(row: dict[str, Any]) -> str:
    day = f"{row['ends_at']:%Y-%m-%d}" if row["ends_at"] else "-"
    value = f"{row['value'] or 0:>12} {row['currency']:<3}"
    return f"{row['order'][:30]:<30}  {value}  {day:<10}  {row['publisher']}"
