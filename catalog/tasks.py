"""What the site does by itself, whether or not somebody imports: the beat schedule calls these."""

from celery import shared_task

from affiliate_site.queues import waiting
from catalog import services
from catalog.alerts import asking, watching
from catalog.clicks import counting
from catalog.models import UndoRun
from catalog.services import thinning, undo
from catalog.site import generation
from events.actor import acting_as

SLICE = 1.0  # seconds: then a click on "import" may have its turn
EXPIRES = 60  # seconds until a message that waited is worth nothing: another has been sent
THINNING_SECONDS = 10

WATCHING_SECONDS = 5  # then somebody else may have a turn


@shared_task
def flush_clicks() -> None:
    """Add the clicks that Redis counted to the database."""
    counting.flush()


@shared_task
def publish_due() -> None:
    """Publish the drafts whose time has come."""
    services.publish_due()


@shared_task
def clear_changes() -> None:
    """Keep the generation of the catalogue quick to read."""
    generation.clear_changes()


@shared_task
def watch_prices() -> None:
    """Write to visitors who asked to be told of a price."""
    watching.watch(seconds=WATCHING_SECONDS)


@shared_task
def forget_alerts() -> None:
    """Delete price alerts whose time is over, and with them the addresses."""
    while asking.forget():
        pass


@shared_task
def run_undo(run_id: int) -> None:
    """Plan an undo, or carry it out, until that is done. Several workers may do so at once."""
    run = UndoRun.objects.filter(pk=run_id).select_related("user").first()
    if run is None:
        return
    actor = f"user:{run.user_id}" if run.user_id else f"undo:{run.pk}"
    with acting_as(actor):
        is_left = undo.work(run.pk, seconds=SLICE)
    if is_left:
        run_undo.delay(run.pk)


@shared_task
def resume_undos() -> None:
    """Give undo runs at which nobody works any more to the workers again."""
    runs = undo.find_silent_undos()
    sent = waiting("imports") if runs else ()
    for pk in runs:
        if (run_undo.name, (pk,)) not in sent:
            run_undo.apply_async([pk], expires=EXPIRES)


@shared_task
def learn_words() -> None:
    """Let search know the words of new titles and names, and go on as long as there are any."""
    if services.learn_words():
        learn_words.delay()


@shared_task
def refresh_facets() -> None:
    """Let filters know the properties of new products, and go on as long as there are any."""
    if services.refresh_facets():
        refresh_facets.delay()


@shared_task
def thin_history() -> None:
    """Forget old revisions, and go on as long as there are any."""
    if not thinning.thin(seconds=THINNING_SECONDS):
        thin_history.delay()
