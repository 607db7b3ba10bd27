"""`manage.py desk push FEED`: read, plan and push an own feed."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from desk.models import OwnFeed, PushRun
from desk.services import confirm, plan, push
from desk.services.runs import FeedBusy, start_run
from importer.reasons import Reason
from importer.sentences import say


def find_feed(text: str) -> OwnFeed:
    """Return an own feed by its number at the network, or its name. Raises CommandError."""
    found = OwnFeed.objects.filter(external_id=text) or OwnFeed.objects.filter(name__iexact=text)
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{feed.external_id} ({feed.name})" for feed in OwnFeed.objects.all()) or "none"
    problem = "There are several feeds" if found else "There is no feed"
    raise CommandError(f"{problem} “{text}”. Known: {known}.")


help = "Push an own feed's products. Without --yes it asks nothing and only shows the plan."


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("feed", help="the feed's number at the network, or its name")
    parser.add_argument("--plan", action="store_true", help="only show what a push would do")
    parser.add_argument("--mode", choices=("create", "replace"), default="", help="else as the feed says")
    parser.add_argument("--yes", action="store_true", help="push what the plan says")
    parser.add_argument(
        "--accept-doubts",
        action="store_true",
        help="push although the plan has doubts, such as a large loss",
    )


def run(**options: Any) -> dict[str, Any]:
    feed = find_feed(options["feed"])
    try:
        started = start_run(feed, kind=options["mode"])
    except FeedBusy:
        raise CommandError(f"“{feed}” is being read or pushed already.") from None
    run = plan.work(started.pk)
    if run is None or run.state != PushRun.State.PLANNED:
        raise CommandError(str(run.message) if run and run.message else "Another worker took the run.")
    if options["plan"] or not options["yes"]:
        return _told(run)
    if run.doubts and not options["accept_doubts"]:
        raise CommandError(" ".join(_doubts(run)) + " Look at the plan, then push with --accept-doubts.")
    push.start_push(run, accepts=options["accept_doubts"])
    push.work(run.pk)
    run.refresh_from_db()
    if run.state != PushRun.State.DONE:
        raise CommandError(str(run.message) or "The push is not finished. It goes on by itself.")
    return _told(confirm.confirm(run.pk) or run)


def describe(result: dict[str, Any]) -> str:
    counts = result["counts"]
    words = [
        f"{result['feed']}: {counts['rows']:,} rows, {counts['new']:,} new, "
        f"{counts['changed']:,} changed, {counts['sent']:,} as they were, "
        f"{counts['gone']:,} gone, {counts['refused']:,} refused."
    ]
    words += result["doubts"]
    if result["state"] == "done":
        words.append(
            f"Pushed: {result['sent']:,} sent, {result['deleted']:,} deleted, "
            f"{result['refused']:,} refused. "
            + ("Confirmed." if result["confirmed"] else f"Not confirmed yet. {result['check']}")
        )
    else:
        words.append("Nothing was pushed. Push it with --yes.")
    return "\n".join(words)


def _doubts(run: PushRun) -> list[str]:
    return [say(Reason.from_json(doubt)) for doubt in run.doubts]


def _told(run: PushRun) -> dict[str, Any]:
    return {
        "run": run.pk,
        "feed": run.feed.name,
        "state": run.state,
        "kind": run.kind,
        "counts": run.counts,
        "doubts": _doubts(run),
        "sent": run.sent_count,
        "deleted": run.deleted_count,
        "refused": run.refused_count,
        "confirmed": run.confirmed_at is not None,
        "check": str(run.check_message),
        "reasons": dict(plan.refused_by_code(run.feed)),
    }
