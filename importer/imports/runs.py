"""Start, collect, cancel and retry import runs. What a run does to the catalogue: `apply`."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Count, F, Q, Value
from django.db.models.functions import StrIndex, Substr
from django.utils import timezone

from catalog.clicks.outbound_url import STRANGE_HOST
from events.kinds import Kind
from importer.accounts.accounts import network_of, update_account
from importer.beat import SILENCE, Beat
from importer.imports.edits import Edits
from importer.imports.matches import add_matches_to_run
from importer.imports.options import Options
from importer.imports.outbox import find_networks, record_run
from importer.models import FeedItem, ImportItem, ImportRun, NetworkAccount
from importer.models.runs import ACTIVE
from importer.networks import NETWORKS
from importer.networks.contract import ItemData, ItemQuery, Network, NetworkError, NetworkUnavailable
from importer.networks.query import QueryError
from importer.reasons import Reason
from importer.search.hits import find_unobeyed, is_mirrored, store_hits
from importer.search.unobeyed import explain_unobeyed
from importer.search.words import describe_query

MAX_HOSTS_SHOWN = 5
MAX_TITLE = 200
BATCH = 5_000  # items added to a run in one transaction
MAX_WAITS = 10  # for a network that is away, before the run is given up
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=10)  # where the network names no time


def start_import(
    item_ids: Sequence[int],
    *,
    kind: str,
    user=None,
    title: str = "",
    edits: dict[int, Edits] | None = None,
    **choices: Any,
) -> ImportRun:
    """Make a run over these feed items; the caller enqueues it. Ids that do not exist are left out.

    Each item is in a run once. `title` says what they are; else the first of several does. `choices` are
    those of `Options`.
    """
    with transaction.atomic():
        run = ImportRun.objects.create(
            kind=kind,
            title=_cut(title),
            user=user,
            options=Options(**choices).to_json(),
        )
        run.total_count, run.networks = _add_items(run, item_ids), find_networks(run.pk)
        run.title = run.title or _cut(_name_of_first(run, item_ids))
        run.save(update_fields=["total_count", "networks", "title"])
        for pk, edit in (edits or {}).items():
            ImportItem.objects.filter(run=run, feed_item=pk).update(edits=edit)
        record_run(Kind.RUN_STARTED, run, kind=run.kind, total=run.total_count)
    return run


def start_import_of_matches(query: ItemQuery, *, user=None, **choices: Any) -> ImportRun:
    """Make a run over all a search finds; a worker collects the items first. The caller enqueues it.

    Raises ValidationError where a network would be asked that finds more than the query means.
    """
    accounts = NetworkAccount.objects.all()
    if query.account_id:
        accounts = accounts.filter(pk=query.account_id)
        if reason := _too_much(accounts.first(), query):
            raise ValidationError(reason, code="unobeyed")
    return _start_collecting(
        title=_cut(describe_query(query, short=True)),
        user=user,
        options=Options(**choices).to_json(),
        query=query.to_json(),
        networks=sorted(set(accounts.values_list("network", flat=True))),
    )


def _name_of_first(run: ImportRun, item_ids: Sequence[int]) -> str:
    first = FeedItem.objects.filter(pk__in=item_ids[:1]).values_list("title", flat=True).first()
    if not first or run.total_count < 2:
        return first or ""
    return f"{first[:150]} and {run.total_count - 1:,} more"


def _cut(title: str) -> str:
    return title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1]}…"


def _too_much(account: NetworkAccount | None, query: ItemQuery) -> str:
    """Return why a search of the account would find more than is wanted; "" where it would not."""
    names = find_unobeyed(account, query) - {"sort"} if account else ()
    return explain_unobeyed(NETWORKS[account.network], names) if account and names else ""


@transaction.atomic
def _start_collecting(**values) -> ImportRun:
    run = ImportRun.objects.create(kind=ImportRun.Kind.BULK, state=ImportRun.State.COLLECTING, **values)
    record_run(Kind.RUN_STARTED, run, kind=run.kind)
    return run


def claim_collecting(run: ImportRun) -> bool:
    """Take the collecting of this run's items for this process; False when another is at it, or too early."""
    now = timezone.now()
    free = Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - SILENCE)
    due = Q(waits_until=None) | Q(waits_until__lte=now)
    claimed = ImportRun.objects.filter(free, due, pk=run.pk, state=ImportRun.State.COLLECTING)
    return claimed.update(heartbeat_at=now) == 1


def collect_matches(run: ImportRun) -> None:
    """Turn the run's query into its items, then leave it waiting for work. Safe to repeat from the start.

    Where the network cannot answer now, the run waits and says until when; a refusal ends it with the reason.
    """
    with Beat(partial(_beat, run.pk)):
        _collect_all(run)


def _beat(run_id: int) -> int:
    now = timezone.now()
    collecting = ImportRun.objects.filter(pk=run_id, state=ImportRun.State.COLLECTING)
    return collecting.exclude(waits_until__gt=now).update(heartbeat_at=now)


def _collect_all(run: ImportRun) -> None:
    try:
        query = ItemQuery.from_json(run.query).comparable
    except QueryError as error:
        fail_run(run, str(error))
        return
    if query.account_id is None:
        _collect_index(run, query)
        _end_collecting(run)
        return
    account = NetworkAccount.objects.filter(pk=query.account_id).first()
    if account is None:
        fail_run(run, Reason("account_removed"))
        return
    try:
        if is_mirrored(account, query.programs):
            _collect_index(run, query)
        elif reason := _too_much(account, query):
            fail_run(run, reason)
            return
        else:
            _collect_live(run, account, network_of(account), query)
    except NetworkUnavailable as error:
        _wait_for_network(run, error)
        return
    except NetworkError as error:
        fail_run(run, error.reason)
        return
    _end_collecting(run)


def _wait_for_network(run: ImportRun, error: NetworkUnavailable) -> None:
    """Let the run wait: as long as the network asked for, else twice as long each time."""
    if run.wait_count >= MAX_WAITS:
        fail_run(run, error.reason)
        return
    if error.retry_after is None:
        wait = min(FIRST_WAIT * 2**run.wait_count, LONGEST_WAIT)
    else:
        wait = timedelta(seconds=error.retry_after)
    with transaction.atomic():
        waits = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.COLLECTING).update(
            message=error.reason,
            heartbeat_at=None,
            waits_until=timezone.now() + wait,
            wait_count=F("wait_count") + 1,
        )
        if waits:
            record_run(Kind.RUN_WAITED, run, error=error.reason.to_json())


def find_silent_runs(silence: timedelta = SILENCE) -> list[ImportRun]:
    """Return the runs that nobody gave a sign of for so long, though they need not wait any more.

    Those without a message in the queue are forgotten.
    """
    now = timezone.now()
    quiet = Q(heartbeat_at__lt=now - silence) | Q(
        heartbeat_at=None, waits_until=None, created_at__lt=now - silence
    )
    waited = Q(heartbeat_at=None, waits_until__lte=now)
    return list(ImportRun.objects.filter(quiet | waited, state__in=ACTIVE).order_by("pk"))


def _end_collecting(run: ImportRun) -> None:
    ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.COLLECTING).update(
        state=ImportRun.State.QUEUED,
        message="",
        waits_until=None,
        heartbeat_at=timezone.now(),
        networks=find_networks(run.pk),
    )


def _collect_index(run: ImportRun, query: ItemQuery) -> None:
    with transaction.atomic():
        added = add_matches_to_run(run.pk, query)
        ImportRun.objects.filter(pk=run.pk).update(
            total_count=F("total_count") + added, heartbeat_at=timezone.now()
        )


def _collect_live(run: ImportRun, account: NetworkAccount, network: Network, query: ItemQuery) -> None:
    batch: list[ItemData] = []
    for item in network.fetch_matches(query):
        batch.append(item)
        if len(batch) == network.max_page_size:
            _collect(run, [stored.pk for stored in store_hits(account, batch, network)])
            batch = []
            if not ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.COLLECTING).exists():
                return
    if batch:
        _collect(run, [stored.pk for stored in store_hits(account, batch, network)])


def _collect(run: ImportRun, item_ids: Iterable[int]) -> None:
    ids = list(item_ids)
    for start in range(0, len(ids), BATCH):
        with transaction.atomic():
            added = _add_items(run, ids[start : start + BATCH])
            ImportRun.objects.filter(pk=run.pk).update(
                total_count=F("total_count") + added, heartbeat_at=timezone.now()
            )


def _add_items(run: ImportRun, feed_item_ids: Sequence[int]) -> int:
    """Add the items that exist to the run, in order and each once; return how many were new to it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO importer_importitem (run_id, feed_item_id, verdict, message)
            SELECT %s, feed_item.id, '', ''
            FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted(id, place)
            JOIN importer_feeditem AS feed_item USING (id)
            ORDER BY place
            ON CONFLICT DO NOTHING
            """,
            [run.pk, list(feed_item_ids)],
        )
        return cursor.rowcount


def note_outage(run_id: int, reason: Reason) -> None:
    """Say on the run why the database could not work on it. It goes on by itself."""
    active = ImportRun.objects.filter(pk=run_id, state__in=ACTIVE)
    said = replace(reason, then=Reason("goes_on_by_itself"))
    active.update(message=said, heartbeat_at=timezone.now())


def fail_run(run: ImportRun, reason: Reason | str) -> None:
    """End the run with the reason, or with a sentence that has no code. What it imported stays."""
    said = reason.to_json() if isinstance(reason, Reason) else reason[:500]
    with transaction.atomic():
        failed = ImportRun.objects.filter(pk=run.pk, state__in=ACTIVE).update(
            state=ImportRun.State.FAILED, message=reason, finished_at=timezone.now()
        )
        if failed:
            record_run(Kind.RUN_FAILED, run, error=said)


def refused_hosts(run: ImportRun) -> list[tuple[str, int]]:
    """Return the hosts that links of the run were refused for, with how many items; the first few."""
    if not run.invalid_count:
        return []
    before, _, after = STRANGE_HOST.partition("{host}")
    host = Substr("message", len(before) + 1, StrIndex("message", Value(after)) - len(before) - 1)
    found = run.items.filter(verdict=ImportItem.Verdict.INVALID, message__startswith=before)
    counts = found.annotate(host=host).values("host").annotate(count=Count("pk"))
    return list(counts.order_by("-count", "host").values_list("host", "count")[:MAX_HOSTS_SHOWN])


def allow_domain(run: ImportRun, host: str) -> int:
    """Let links of the run's accounts lead to `host`, and put the items refused for it back to do.

    Returns how many; 0 while the run is at work, and where nothing was refused for it. The caller enqueues
    the run. Raises ValidationError where no account may name such a domain, or any more.
    """
    is_strange = Q(verdict=ImportItem.Verdict.INVALID, message__startswith=STRANGE_HOST.format(host=host))
    domain = host.removeprefix("www.")
    with transaction.atomic():
        locked = ImportRun.objects.select_for_update().get(pk=run.pk)
        if locked.is_active:
            return 0
        refused = locked.items.filter(is_strange)
        accounts = NetworkAccount.objects.filter(
            pk__in=list(refused.values_list("feed_item__feed__account", flat=True).distinct())
        )
        for account in accounts.order_by("pk").select_for_update():
            account.link_domains = [*account.link_domains, domain]
            NetworkAccount._meta.get_field("link_domains").clean(account.link_domains, account)
            update_account(account, ["link_domains"])
        if count := refused.update(verdict="", message=""):
            locked.invalid_count = F("invalid_count") - count
            _reopen(locked)
            record_run(Kind.RUN_RETRIED, locked, items=count)
    return count


def _reopen(run: ImportRun) -> None:
    """Let a run that ended go on with what is to do."""
    run.state, run.finished_at, run.heartbeat_at = ImportRun.State.QUEUED, None, timezone.now()
    run.save(update_fields=["state", "failed_count", "invalid_count", "finished_at", "heartbeat_at"])


def cancel_run(run: ImportRun) -> bool:
    """Stop the run after the chunk it is in; return False when it had already ended."""
    with transaction.atomic():
        cancelled = ImportRun.objects.filter(pk=run.pk, state__in=ACTIVE).update(
            state=ImportRun.State.CANCELLED, finished_at=timezone.now()
        )
        if cancelled:
            record_run(Kind.RUN_CANCELLED, run)
    return bool(cancelled)


def retry_failed(run: ImportRun) -> int:
    """Put failed items, and those a cancellation left, back to do; return how many. The caller enqueues."""
    with transaction.atomic():
        locked = ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
        if locked.is_active:
            return 0
        failed = locked.items.filter(verdict=ImportItem.Verdict.FAILED).update(verdict="", message="")
        to_do = locked.items.filter(verdict="").count()
        if to_do:
            locked.failed_count = F("failed_count") - failed
            _reopen(locked)
            record_run(Kind.RUN_RETRIED, locked, items=to_do)
        return to_do
