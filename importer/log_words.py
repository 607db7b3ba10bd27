"""What the lines of the log say: sentences made of events, at the edge."""

from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma

from events.kinds import Kind
from events.models import Event
from importer.models import ImportItem, ImportRun
from importer.sentences import Sentence

# By the first part of a kind, where the whole kind says nothing else.
TYPES = {
    "account": "connect",
    "feed": "sync",
    "sync": "sync",
    "run": "import",
    Kind.ACCOUNT_FAILED: "error",
    Kind.ACCOUNT_REFRESHED: "sync",
    Kind.FEED_HELD: "error",
    Kind.FEED_ARTICLES_HELD: "error",
    Kind.SYNC_FAILED: "error",
    Kind.ITEM_REFUSED: "error",
    Kind.RUN_FAILED: "error",
}
SENTENCES: dict[str, str] = {
    Kind.ACCOUNT_CONNECTED: "“{label}” is connected.",
    Kind.ACCOUNT_REFRESHED: "“{label}”: {programs} programs, {feeds} product feeds.",
    Kind.ACCOUNT_FAILED: "{task} failed: {error}",
    Kind.FEED_MIRRORED: "Feed “{name}” is mirrored from now on.",
    Kind.FEED_MIRROR_ASKED: "Feed “{name}” has {products} products: mirror it?",
    Kind.FEED_STOPPED: "Feed “{name}” is no longer mirrored.",
    Kind.FEED_HELD: "Feed “{name}” is held. {reason} Accept or discard it.",
    Kind.FEED_ACCEPTED: "Feed “{name}” was held and is accepted.",
    Kind.FEED_DISCARDED: "Feed “{name}” was held and is discarded.",
    Kind.FEED_PRICES_ACCEPTED: "Feed “{name}”: {items} held prices accepted.",
    Kind.FEED_ARTICLES_HELD: "Feed “{name}”: ids of {items} articles name others now. They are held.",
    Kind.FEED_ARTICLES_ACCEPTED: "Feed “{name}”: {items} ids accepted that name another article.",
    Kind.FEED_MISSING_ACCEPTED: "Feed “{name}”: {items} products that were not found are gone.",
    Kind.SYNC_ENDED: "Feed “{name}”: {new} new, {changed} changed, {unchanged} unchanged, {gone} gone.",
    Kind.SYNC_FAILED: "Feed “{name}” not read: {error}",
    Kind.SYNC_CANCELLED: "Feed “{name}”: sync cancelled.",
    Kind.ITEM_REFUSED: "{title}: {reason}",
    Kind.RUN_WAITED: "Import waits for the network: {error}",
    Kind.RUN_FAILED: "Import failed: {error}",
}
LABELS: dict[str, str] = dict(Kind.choices)
ENDINGS: dict[str, str] = {
    ImportRun.State.COLLECTING: "Collecting the products.",
    ImportRun.State.QUEUED: "Waiting for a worker.",
    ImportRun.State.RUNNING: "Running.",
    ImportRun.State.CANCELLED: "Cancelled.",
}


class _Values(dict):
    """Values of an event; what an older version did not write yet reads as "?"."""

    def __missing__(self, name: str) -> str:
        return "?"


def type_of(event: Event) -> str:
    """Return the kind of line (`importer.log.Type`) that an event makes."""
    return TYPES.get(event.kind) or TYPES.get(event.kind.partition(".")[0], "change")


def type_of_run(run: ImportRun) -> str:
    if run.state == ImportRun.State.FAILED:
        return "error"
    return "update" if run.kind == ImportRun.Kind.UPDATE else "import"


def describe(event: Event) -> str:
    """Return the sentence of an event, also of one whose kind is gone."""
    values = {name: _value(value) for name, value in event.after.items()}
    if event.kind in SENTENCES and not event.before:
        return SENTENCES[event.kind].format_map(_Values(values))
    label = LABELS.get(event.kind, event.kind)
    if len(event.subjects) > 1:
        label = f"{label} ({intcomma(len(event.subjects))})"
    parts = [_name(event), ", ".join(_words(name) for name in event.after if name not in ("name", "title"))]
    if event.kind in (Kind.PRODUCT_CATEGORIES_CHANGED, Kind.PRODUCT_PICTURES_CHANGED):
        parts = []  # the label says it
    if event.kind == Kind.PRODUCT_STATUS_CHANGED:
        parts = [event.after.get("status", "")]
    return ": ".join([label, *filter(None, parts)]) + "."


def _value(value: Any) -> Any:
    """Return a value as a sentence has it: numbers as the language writes them, reasons as their sentence."""
    if isinstance(value, dict) and "code" in value:
        return Sentence.from_json(value)
    return intcomma(value) if type(value) is int else value


def describe_run(event: Event, run: ImportRun | None) -> str:
    """Return how far a run is: "Import of 322: 300 created, 20 joined, 2 invalid"."""
    if run is None:  # old updates are deleted, their events stay
        is_update = event.after.get("kind") == ImportRun.Kind.UPDATE
        total, counts, ending = event.after.get("total", 0), event.after.get("counts", {}), ""
        if not counts:
            return describe(event)
    else:
        is_update = run.kind == ImportRun.Kind.UPDATE
        total, counts, ending = run.total_count, run.counts, ENDINGS.get(run.state, "")
        if run.message and run.state != ImportRun.State.DONE:
            ending = str(run.message)
    labels = dict(ImportItem.Verdict.choices)
    found = ", ".join(f"{intcomma(count)} {labels[name].lower()}" for name, count in counts.items() if count)
    what = "Update" if is_update else "Import"
    if is_update and run and run.feed:
        what = f"Update from feed “{run.feed}”"
    text = f"{what} of {intcomma(total)}" if total or not ending else what
    return " ".join(filter(None, [f"{text}: {found}." if found else f"{text}.", ending]))


def _name(event: Event) -> str:
    for values in (event.after, event.before):
        for key in ("name", "title", "label", "username"):
            if isinstance(values.get(key), str):
                return f"“{values[key]}”" if event.kind.partition(".")[0] != "product" else ""
    return ""


def _words(name: str) -> str:
    return name.replace("_", " ")
