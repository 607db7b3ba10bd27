"""The categories of own feeds: Tradedoubler's tree, suggestions from names, mappings posted and read back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from catalog.lib.named_sql import read_statements
from desk.models import OwnCategory, OwnFeed, TdCategory
from desk.services.accounts import login_of
from desk.services.category_names import Names, suggest
from desk.services.plan import count
from events.kinds import Kind
from events.record import record
from importer.http.errors import NetworkError
from importer.networks.tradedoubler.advertiser_products import MappingData, TradedoublerProducts

FRESH = timedelta(days=7)  # a tree is read anew after that
AT_ONCE = 500  # mappings in one post
State = OwnCategory.State
_SQL = read_statements(__file__)


class UnknownCategory(Exception):
    """Tradedoubler's tree has no such category."""


def refresh_tree(feed: OwnFeed, *, is_asked: bool = False) -> None:
    """Read the tree in the feed's language and in English, where it is old or it `is_asked`.

    Raises NetworkError.
    """
    network: TradedoublerProducts | None = None
    for language in languages_of(feed):
        newest = TdCategory.objects.filter(language=language, read_at__gt=timezone.now() - FRESH)
        if newest.exists() and not is_asked:
            continue
        network = network or login_of(feed.account, TradedoublerProducts)
        found = {each.external_id: each for each in network.fetch_categories(language)}
        now = timezone.now()
        with transaction.atomic():
            TdCategory.objects.filter(language=language).exclude(external_id__in=found).delete()
            TdCategory.objects.bulk_create(
                [
                    TdCategory(
                        external_id=each.external_id,
                        language=language,  # asked for: English comes where there is no other
                        path=each.path[:500],
                        name=each.path.rpartition(" > ")[2][:200],
                        product_count=each.product_count,
                        read_at=now,
                    )
                    for each in found.values()
                ],
                update_conflicts=True,
                unique_fields=["language", "external_id"],
                update_fields=["path", "name", "product_count", "read_at"],
            )


def languages_of(feed: OwnFeed) -> list[str]:
    """Return the languages in which a feed's categories are looked for: its own, and English."""
    return list(dict.fromkeys(filter(None, (feed.language, "en"))))


def refresh_mappings(feed: OwnFeed) -> None:
    """Take over how the network has mapped the categories. Raises NetworkError."""
    network = login_of(feed.account, TradedoublerProducts)
    found = {each.name[:300]: each.category_id for each in network.fetch_mappings([feed.external_id])}
    with transaction.atomic():
        lines = {line.name: line for line in OwnCategory.objects.select_for_update().filter(feed=feed)}
        changed = []
        for name, category_id in found.items():
            line = lines.get(name)
            if line is None:
                lines[name] = line = OwnCategory.objects.create(feed=feed, name=name)
            if category_id:
                state = State.MAPPED
            elif line.state == State.MAPPED:
                state = State.UNMAPPED
            else:
                continue  # posted ones may take a while, chosen ones are ours
            if (line.state, line.category_id) != (state, category_id):
                line.state, line.category_id, line.error = state, category_id, ""
                changed.append(line)
        OwnCategory.objects.bulk_update(changed, ["state", "category_id", "error"], batch_size=AT_ONCE)
    OwnFeed.objects.filter(pk=feed.pk).update(counts=count(feed))


def make_suggestions(feed: OwnFeed) -> int:
    """Say of each category that is not mapped which of the tree it may be; return how many got some."""
    languages = languages_of(feed)
    rows = TdCategory.objects.filter(language__in=languages).values_list("external_id", "name", "path")
    tree = Names(rows)
    lines = list(OwnCategory.objects.filter(feed=feed, state=State.UNMAPPED))
    for line in lines:
        line.suggested = suggest(line.name, tree)
    OwnCategory.objects.bulk_update(lines, ["suggested"], batch_size=AT_ONCE)
    return sum(bool(line.suggested) for line in lines)


def paths_of(feed: OwnFeed, ids: Collection[str] = ()) -> dict[str, str]:
    """Return the paths of the tree by id, in the feed's language where it has one; of `ids`, or all."""
    found: dict[str, str] = {}
    for language in reversed(languages_of(feed)):
        rows = TdCategory.objects.filter(language=language)
        if ids:
            rows = rows.filter(external_id__in=ids)
        found |= dict(rows.values_list("external_id", "path"))
    return found


def choose(line: OwnCategory, category_id: str, *, everywhere: bool = False) -> int:
    """Choose the category of a line, or ("") none; `everywhere`: of every line of this name. Posts nothing.

    Return how many lines have it now. Raises UnknownCategory.
    """
    if category_id and not TdCategory.objects.filter(external_id=category_id).exists():
        raise UnknownCategory(category_id)
    lines = OwnCategory.objects.filter(pk=line.pk)
    if everywhere:
        same = Q(feed__account__network=line.feed.account.network, name__iexact=line.name)
        lines = OwnCategory.objects.filter(same, state__in=(State.UNMAPPED, State.CHOSEN)) | lines
    state = State.CHOSEN if category_id else State.UNMAPPED
    return OwnCategory.objects.filter(pk__in=list(lines.values_list("pk", flat=True))).update(
        category_id=category_id, state=state, error=""
    )


def post_chosen(feed: OwnFeed) -> int:
    """Post what was chosen, and read it back; return how many the network has mapped now.

    Raises NetworkError. What a post that failed may have brought is found by reading back; it may be
    posted again.
    """
    chosen = list(OwnCategory.objects.filter(feed=feed, state=State.CHOSEN).order_by("pk"))
    network = login_of(feed.account, TradedoublerProducts)
    for start in range(0, len(chosen), AT_ONCE):
        batch = chosen[start : start + AT_ONCE]
        try:
            network.create_mappings(
                [
                    MappingData(feed_id=feed.external_id, name=line.name, category_id=line.category_id)
                    for line in batch
                ]
            )
        except NetworkError as error:
            OwnCategory.objects.filter(pk__in=[line.pk for line in batch]).update(error=error.reason)
            raise
        with transaction.atomic():
            posted = {line.name: line.category_id for line in batch}
            OwnCategory.objects.filter(pk__in=[line.pk for line in batch]).update(
                state=State.POSTED, error=""
            )
            record(
                Kind.DESK_CATEGORIES_MAPPED,
                f"desk_feed:{feed.pk}",
                after={"name": feed.name, "categories": posted},
                sources=[feed.account.network],
            )
    refresh_mappings(feed)
    names = [line.name for line in chosen]
    return OwnCategory.objects.filter(feed=feed, name__in=names, state=State.MAPPED).count()


def count_chosen(feed: OwnFeed) -> int:
    """Return how many categories are chosen and not posted."""
    return OwnCategory.objects.filter(feed=feed, state=State.CHOSEN).count()


def list_lines(feed: OwnFeed, *, text: str = "", only_open: bool = False) -> Any:
    """Return the categories of a feed as a query, those with most waiting products first."""
    lines = OwnCategory.objects.filter(feed=feed)
    if only_open:
        lines = lines.exclude(state=State.MAPPED)
    return lines.filter(name__icontains=text) if text else lines


def with_paths(
    feed: OwnFeed, lines: Sequence[OwnCategory]
) -> list[tuple[OwnCategory, str, list[tuple[str, str]]]]:
    """Return lines with the path of what they are mapped to, and the suggestions as (id, path)."""
    ids = {line.category_id for line in lines} | {one for line in lines for one in line.suggested}
    paths: Mapping[str, str] = paths_of(feed, ids - {""} or {"none"})
    return [
        (
            line,
            paths.get(line.category_id, line.category_id),
            [(one, paths[one]) for one in line.suggested if one in paths],
        )
        for line in lines
    ]


def find_categories(feed: OwnFeed, text: str, limit: int = 20) -> list[tuple[str, str]]:
    """Return (id, path) of categories of the tree that are like what was typed."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["find"], {"text": text[:200], "languages": languages_of(feed), "limit": limit})
        return list(cursor.fetchall())
