"""What the site does by itself, whether or not somebody imports: the beat schedule calls these."""

from celery import shared_task

from catalog import services
from catalog.alerts import asking, watching
from catalog.clicks import counting
from catalog.site import generation

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
