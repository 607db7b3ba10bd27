"""`desk applications list|approve|reject`: publishers that applied."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from desk.services import publishers
from importer.http.errors import NetworkError
from importer.sentences import say

help = "List publishers that applied, and approve or reject them."
SHOWN = 500


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("action", nargs="?", choices=("list", "approve", "reject"), default="list")
    parser.add_argument("ids", nargs="*", type=int, metavar="ID", help="of the list's first column")
    parser.add_argument("--status", choices=tuple(publishers.STATUSES), default=publishers.APPLIED)
    reasons = ", ".join(f"{code} {words.lower()}" for code, words in publishers.REASONS.items())
    parser.add_argument("--reason", default="", help=f"to reject at Adtraction: {reasons}")
    parser.add_argument("--read", action="store_true", help="read the networks first")


def run(**options: Any) -> dict[str, Any]:
    problems = []
    if options["read"]:
        for account in publishers.accounts():
            try:
                publishers.read_applications(account)
            except NetworkError as error:
                problems.append(f"{account}: {say(error)}")
    if options["action"] == "list":
        found = publishers.list_applications(status=options["status"])
        rows = [_row(row) for row in found[:SHOWN]]
        return {"count": found.count(), "publishers": rows, "problems": problems}
    if not options["ids"]:
        raise CommandError("Name the publishers: desk applications approve 12 13")
    status = publishers.ACCEPTED if options["action"] == "approve" else publishers.REJECTED
    queued, refused = publishers.decide_on(options["ids"], user=None, status=status, reason=options["reason"])
    return {
        "queued": queued,
        "refused": [{"id": row.pk, "name": row.name, "why": why} for row, why in refused],
        "problems": problems,
    }


def _row(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "network": row.account.network,
        "program": row.program,
        "name": row.name,
        "url": row.url,
        "kind": row.kind,
        "applied_on": row.applied_on,
        "status": row.status,
        "decision": row.state,
        "problem": row.problem,
    }


def describe(result: dict[str, Any]) -> str:
    lines = [*result["problems"]]
    if "publishers" in result:
        lines += [
            f"{row['id']:>7}  {row['applied_on'] or '-':<10}  {row['network']:<12}  "
            f"{row['name'][:40]:<40}  {row['kind']}"
            for row in result["publishers"]
        ]
        lines.append(f"{result['count']} in all.")
    else:
        lines += [f"{one['name']}: {one['why']}" for one in result["refused"]]
        lines.append(f"On their way: {result['queued']}.")
    return "\n".join(lines)
