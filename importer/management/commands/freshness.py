from importer.freshness.promise import Freshness, Line, count_freshness, explain
from importer.management.output import ScriptCommand
from importer.sentences import say


class Command(ScriptCommand):
    help = "Count how many prices were checked in time, by feed, and say why others were not."

    def run(self, **options) -> dict:
        freshness = count_freshness()
        return as_dict(freshness, explain(freshness.feeds))

    def describe(self, result: dict) -> str:
        head = (
            f"{result['percent']} % of {result['offers']:,} prices were checked within "
            f"{result['target_hours']} hours; {result['hidden']:,} are too old to be shown."
        )
        return "\n".join([head, *map(as_line, result["feeds"])])


def as_dict(freshness: Freshness, lines: list[Line]) -> dict:
    """Return the counts as a script reads them; times are ISO 8601."""
    return {
        "target_hours": freshness.hours,
        "offers": freshness.offers,
        "fresh": freshness.fresh,
        "late": freshness.late,
        "hidden": freshness.hidden,
        "percent": freshness.percent,
        "oldest": freshness.oldest and freshness.oldest.isoformat(),
        "feeds": [
            {
                "network": line.counted.network,
                "account": line.feed and line.feed.account.label,
                "feed": line.feed and line.feed.external_id,
                "name": line.feed and str(line.feed),
                "offers": line.counted.offers,
                "fresh": line.counted.fresh,
                "late": line.counted.late,
                "oldest": line.counted.oldest.isoformat(),
                "code": line.why and line.why.code,
                "why": say(line.why) if line.why else "",
            }
            for line in lines
        ],
    }


def as_line(feed: dict) -> str:
    name = feed["name"] or f"{feed['network']}: not here any more"
    return f"{name}: {feed['fresh']:,} of {feed['offers']:,} in time. {feed['why']}".rstrip()
