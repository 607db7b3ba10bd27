"""What a daily mail says: what is new, and still so; and what else waits for a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.urls import reverse

from catalog.models import Product
from catalog.site.settings import get_settings
from dashboard.models import Notice, Refusal, Topic
from importer.feeds.lists import feeds_with_swapped
from importer.feeds.state import troubled_syncs
from importer.freshness.promise import get_freshness
from importer.models import ImportRun, NetworkAccount
from importer.reasons import Reason
from importer.sentences import say

MOST = 20  # lines of a topic


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, and the path of the page where one does something about it."""

    text: str
    path: str


@dataclass(slots=True)
class Section:
    """What there is to say of a topic. Only `new` is a reason to write; `more` are not listed."""

    topic: Topic
    new: list[Line] = field(default_factory=list)
    open: list[Line] = field(default_factory=list)
    more: int = 0

    @property
    def label(self) -> str:
        return self.topic.label


def get_sections(notices: Sequence[Notice]) -> list[Section]:
    """Return what there is to say of each topic, empty ones left out. What was mended since is not said."""
    makers = {
        Topic.ACCOUNTS: _accounts,
        Topic.FEEDS: _feeds,
        Topic.RUNS: _runs,
        Topic.PRODUCTS: _products,
        Topic.EARNINGS: _earnings,
        Topic.FRESHNESS: _freshness,
    }
    sections = []
    for topic, make in makers.items():
        section = Section(topic)
        make(section, [notice for notice in notices if notice.topic == topic])
        lines = len(section.new) + len(section.open)
        if lines:
            section.more += max(0, lines - MOST)
            section.new, section.open = section.new[:MOST], section.open[: max(0, MOST - len(section.new))]
            sections.append(section)
    return sections


def _accounts(section: Section, notices: Iterable[Notice]) -> None:
    new = {notice.subject for notice in notices}
    refusals = {refusal.account_id: refusal for refusal in Refusal.objects.order_by("pk")}
    for account in NetworkAccount.objects.filter(pk__in=refusals):
        text = f"{account.label}: {_sentence(refusals[account.pk].detail)}"
        path = reverse("importer:account-edit", args=[account.network, account.pk])
        _into(section, f"account:{account.pk}" in new).append(Line(text, path))


def _feeds(section: Section, notices: Iterable[Notice]) -> None:
    new = {notice.subject for notice in notices}
    runs = troubled_syncs().select_related("feed__program", "feed__account").defer("bad_samples")
    for run in runs.order_by("feed__name", "pk"):
        state = "is held" if run.state == "held" else "was not read"
        said = run.message
        text = f"Feed “{run.feed}” {state}. {say(said) if isinstance(said, Reason) else said or ''}".strip()
        path = reverse("importer:feed-detail", args=[run.feed_id])
        _into(section, f"feed:{run.feed_id}" in new).append(Line(text, path))
    for feed, count in feeds_with_swapped():
        ids = "1 id that names another article waits"
        if count > 1:
            ids = f"{count:,} ids that name another article wait"
        text = f"Feed “{feed}”: {ids} for a yes."
        path = reverse("importer:feed-detail", args=[feed.pk])
        _into(section, f"articles:feed:{feed.pk}" in new).append(Line(text, f"{path}#swapped"))


def _runs(section: Section, notices: Iterable[Notice]) -> None:
    by_id = {int(notice.subject.partition(":")[2]): notice for notice in notices}
    for run in ImportRun.objects.filter(pk__in=by_id, state=ImportRun.State.FAILED).order_by("pk"):
        text = f"Import {run.pk} failed. {_sentence(by_id[run.pk].detail)}"
        section.new.append(Line(text, run.get_absolute_url()))


GONE = {
    "draft": "is a draft now, as its last offer went",
    "trash": "is in the trash, as its last offer went",
    "hide": "lost an offer, which is hidden",
}


def _products(section: Section, notices: Iterable[Notice]) -> None:
    for notice in notices:
        ids = notice.detail.get("ids", [])
        titles = dict(Product.objects.filter(pk__in=ids).values_list("pk", "title"))
        said = GONE.get(notice.subject, "lost an offer, which shops no longer list")
        for pk in ids:
            if pk in titles:
                path = reverse("catalog:product-edit", args=[pk])
                section.new.append(Line(f"“{titles[pk]}” {said}.", path))
        section.more += max(0, notice.count - len(ids))


def _earnings(section: Section, notices: Iterable[Notice]) -> None:
    for notice in notices:
        name, rates = notice.detail["name"], ", ".join(notice.detail["rates"])
        said = f"“{name}” pays less: {rates} now." if rates else f"“{name}” pays nothing any more."
        section.new.append(Line(said, reverse("sales:program-list")))


def _freshness(section: Section, notices: Iterable[Notice]) -> None:
    freshness, most = get_freshness(), get_settings().late_percent
    if freshness is None or not freshness.offers or 100 - freshness.percent <= most:
        return
    text = (
        f"{100 - freshness.percent} % of {freshness.offers:,} prices were not checked within "
        f"{freshness.hours} hours; {most} % may be late."
    )
    section.new.append(Line(text, reverse("importer:freshness")))


def _into(section: Section, is_new: bool) -> list[Line]:
    return section.new if is_new else section.open


def _sentence(detail: dict) -> str:
    reason = detail.get("error") or detail.get("reason")
    return say(Reason.from_json(reason)) if isinstance(reason, dict) else str(reason or "")
