"""What workers do. A task takes ids, calls a service and holds the rule for trying again.

The rows are the truth and a message is only a hint to look at one: messages may be lost or come twice.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Sequence

from celery import Task, shared_task
from django.db import Error, connections

from affiliate_site.queues import waiting
from catalog.services import hide_old_prices, show_checked_prices
from events.actor import acting_as
from importer.accounts import accounts
from importer.feeds import cleaning
from importer.feeds.cleaning import delete_removed_accounts, has_removed_accounts
from importer.feeds.schedule import start_due_syncs, start_syncs
from importer.feeds.syncs import find_silent_syncs, work_on_sync
from importer.freshness import rereads
from importer.freshness.promise import count_freshness
from importer.freshness.responsibility import feeds_of_run, review_checks, take_responsibility
from importer.imports import apply, mapping_runs, saved_runs
from importer.imports.category_counts import count_categories
from importer.imports.category_follow import follow_categories
from importer.imports.doubles import scan_doubles
from importer.imports.follow import find_update, find_updates
from importer.imports.runs import claim_collecting, collect_matches, find_silent_runs, note_outage
from importer.imports.wrong_joins import scan_joins
from importer.models import ImportRun, MappingRun, NetworkAccount, SyncRun
from importer.networks.contract import NetworkError
from importer.outages import find_outage, is_full
from importer.pictures import copy as copying
from importer.reasons import Reason
from importer.sentences import say

logger = logging.getLogger(__name__)

# A long run goes to the back of the queue this often, so that a click on "import" never waits for it.
SLICE = 1.0  # seconds
RESUMED = 3  # seconds between two looks of `resume`
EXPIRES = 60  # seconds until a message that waited is worth nothing: `resume` has sent another
PAUSES = (0.5, 1.0, 2.0)  # seconds after which work is tried again whose database was lost
# A worker looks after pictures for so many seconds at a time; then somebody else's turn may come. The limits
# end what no deadline reaches: a server that drips its headers.
PICTURE_SECONDS = 3
PICTURE_LIMIT = PICTURE_SECONDS + 30
REREAD_SECONDS = 10  # then another account may have its turn
CLEANING_SECONDS = 10  # then a sync may have its turn
PICTURE_WORKERS = 2  # messages sent at once: so many workers begin


@shared_task
def run_import(run_id: int) -> None:
    """Work on a run until it ends. Several workers may do so at once."""
    through_outages(lambda: _run_import(run_id), lambda reason: note_outage(run_id, reason))


def _run_import(run_id: int) -> None:
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None:
        return
    with acting_as(f"run:{run.pk}"):
        if run.state == ImportRun.State.COLLECTING:
            if not claim_collecting(run):
                return
            collect_matches(run)
        is_left = apply.work(run, seconds=SLICE)
    if is_left:
        run_import.delay(run.pk)
    else:
        send_for_pictures()
        if feed_ids := feeds_of_run(run.pk):
            look_after_feeds.delay(feed_ids)


def through_outages(work: Callable[[], None], note: Callable[[Reason], None] = lambda reason: None) -> None:
    """Do the work, and do it again where the database was lost under it: it may be back in a second.

    `note` gets the reason. What lasts longer, or fills a disk, is left to `resume`.
    """
    for pause in PAUSES:
        try:
            return work()
        except Error as error:
            reason = find_outage(error)
            if not reason:
                raise
            logger.warning("%s It is tried again.", say(reason))
            connections.close_all()
            with contextlib.suppress(Error):
                note(reason)
            if is_full(error):
                return None
            time.sleep(pause)
    return None


def send_for_pictures() -> None:
    """Wake the workers that copy pictures."""
    for _ in range(PICTURE_WORKERS):
        fetch_images.delay()


@shared_task(soft_time_limit=PICTURE_LIMIT, time_limit=PICTURE_LIMIT + 20, expires=15)
def fetch_images() -> None:
    """Copy pictures that are due, and send for the next to go on. `resume` sends more while there is work.

    A message that waited for 15 seconds is dropped: all workers have enough to do.
    """
    if copying.work(PICTURE_SECONDS):
        fetch_images.delay()


@shared_task
def delete_orphaned_pictures() -> None:
    """Delete the files that no product shows any more and nobody deleted."""
    copying.delete_orphans()


@shared_task
def refresh_account(account_id: int) -> None:
    """Read the account's programs and feeds, and sync the feeds that are mirrored here."""
    account = NetworkAccount.objects.filter(pk=account_id).first()
    if account is None:
        return
    try:
        feeds = accounts.refresh_account(account)
    except NetworkError:
        return  # it is in the log, and the account can be tested again
    for run in start_syncs(feeds):
        sync_feed.delay_on_commit(run.pk)


@shared_task
def delete_accounts() -> None:
    """Delete what is left of removed accounts. `resume` sends more of these while there is something left."""
    delete_removed_accounts(seconds=CLEANING_SECONDS)


@shared_task
def delete_gone_items() -> None:
    """Delete feed items that are gone for long, and go on as long as there are any."""
    if not cleaning.delete_gone_items(seconds=CLEANING_SECONDS):
        delete_gone_items.delay()


@shared_task
def find_wrong_joins() -> None:
    """Look for offers that are unlike the product they are on, and go on as long as there are products."""
    if not scan_joins(seconds=CLEANING_SECONDS):
        find_wrong_joins.delay()


@shared_task
def find_doubles() -> None:
    """Look for products that are probably one, and go on as long as there are new ones."""
    if not scan_doubles(seconds=CLEANING_SECONDS):
        find_doubles.delay()


@shared_task
def run_mapping(run_id: int) -> None:
    """Plan how the category map would change the products, or carry it out, as the run says."""
    if mapping_runs.work(run_id, seconds=SLICE):
        run_mapping.delay(run_id)


@shared_task
def keep_category_map() -> None:
    """Count what merchants' categories have, follow what became of ours, and propose which may be which."""
    counted = count_categories(seconds=CLEANING_SECONDS)
    follow_categories(is_new=bool(counted))
    if counted:
        keep_category_map.delay()


@shared_task
def look_after_feeds(feed_ids: list[int]) -> None:
    """See that somebody checks what was imported from these feeds."""
    for run in take_responsibility(feed_ids):
        sync_feed.delay(run.pk)


@shared_task
def keep_fresh() -> None:
    """See that somebody checks everything, and count how far the promise of the site is kept."""
    for run in take_responsibility():
        sync_feed.delay(run.pk)
    review_checks()
    hide_old_prices()
    show_checked_prices()  # the limit may be another one now
    count_freshness()


@shared_task
def reread_items(account_id: int) -> None:
    """Read items of the account by themselves, as far as they are due; go on as long as some are."""
    through_outages(lambda: _reread_items(account_id))


def _reread_items(account_id: int) -> None:
    account = NetworkAccount.objects.filter(pk=account_id).first()
    if account is None:
        return
    tally = rereads.work(account, seconds=REREAD_SECONDS)
    for update in find_updates(account):
        run_import.delay(update.pk)
    if tally.is_left:
        reread_items.delay(account_id)


@shared_task
def sync_feed(run_id: int) -> None:
    """Work on a sync that waits. What failed is tried again when its feed is due, which the service plans."""
    through_outages(lambda: _sync_feed(run_id))


def _sync_feed(run_id: int) -> None:
    run = SyncRun.objects.filter(pk=run_id).first()
    if run is None:
        return
    # An error is on the run and in the log.
    with acting_as(f"feed:{run.feed_id}"), contextlib.suppress(NetworkError):
        work_on_sync(run, gives_way=True)
        if update := find_update(run.feed_id):
            run_import.delay(update.pk)


@shared_task
def look_at_saved_search(saved_id: int) -> None:
    """Count what a saved search finds anew, and let it add what it may, where it is due."""
    with acting_as(f"saved_search:{saved_id}"):
        if run := saved_runs.look(saved_id):
            run_import.delay_on_commit(run.pk)


@shared_task
def resume() -> None:
    """Give work that nobody does any more to the workers again: theirs died, or Redis lost the message.

    The same for what had to wait for a network, when its time has come.
    """
    _send_again(run_import, "imports", find_silent_runs())
    _send_again(run_mapping, "imports", mapping_runs.find_silent())
    _send_again(sync_feed, "feeds", find_silent_syncs())
    for run in start_due_syncs():
        sync_feed.delay(run.pk)
    send_once(look_at_saved_search, "feeds", [saved.pk for saved in saved_runs.find_due()])
    send_once(reread_items, "feeds", rereads.find_due_accounts())
    if has_removed_accounts():
        delete_accounts.apply_async(expires=EXPIRES)
    if copying.find_due_hosts() and (fetch_images.name, ()) not in waiting("images"):
        send_for_pictures()


def _send_again(task: Task, queue: str, runs: Sequence[ImportRun | MappingRun | SyncRun]) -> None:
    send_once(task, queue, [run.pk for run in runs])


def send_once(task: Task, queue: str, ids: Sequence[int]) -> None:
    """Send messages for the rows that have none in the queue: more of them would only make it longer."""
    sent = waiting(queue) if ids else ()
    for pk in ids:
        if (task.name, (pk,)) not in sent:
            task.apply_async([pk], expires=EXPIRES)
