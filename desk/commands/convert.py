"""`desk convert FILE|-`: report conversions from a CSV or JSON."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from desk.services import conversions, outbox
from desk.services.conversion_files import read_file

help = "Report conversions to TradeTracker from a CSV or JSON file; safe to repeat."


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("file", help="a CSV or JSON, or - for standard input")
    parser.add_argument("--login", help="the name of the login, where there are several")
    parser.add_argument("--send", action="store_true", help="send them now, and wait for it")


def run(**options: Any) -> dict[str, Any]:
    account = _account(options["login"])
    try:
        raws = read_file(_text(options["file"]))
    except ValueError as error:
        raise CommandError(str(error)) from None
    taken = []
    for start in range(0, len(raws), conversions.MOST_AT_ONCE):
        taken += conversions.take(account, raws[start : start + conversions.MOST_AT_ONCE])
    result: dict[str, Any] = {
        "counts": dict(Counter(one.outcome for one in taken)),
        "results": [one.to_json() for one in taken],
    }
    if options["send"]:
        sent = outbox.send_waiting(account, seconds=3600)
        result["sent"], result["refused"] = sent.sent, sent.refused
    return result


def _account(label: str | None) -> Any:
    known = [one for one in conversions.accounts() if label in (None, one.label)]
    if not known:
        raise CommandError(
            "No login for conversions is connected." if label is None else f"No login “{label}”."
        )
    if len(known) > 1:
        raise CommandError(f"Name one of the logins: {', '.join(one.label for one in known)}")
    return known[0]


def _text(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"{name} cannot be read as text in UTF-8.") from None


def describe(result: dict[str, Any]) -> str:
    lines = [
        f"{one.get('tid') or '-'}: {one['outcome']}. {one['message']}"
        for one in result["results"]
        if "message" in one
    ]
    lines.append(", ".join(f"{count} {outcome}" for outcome, count in result["counts"].items()) or "Nothing.")
    if "sent" in result:
        lines.append(f"Sent: {result['sent']}, refused: {result['refused']}.")
    return "\n".join(lines)
