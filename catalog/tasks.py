"""What the site does by itself, whether or not somebody imports: the beat schedule calls these."""

from celery import shared_task

from catalog import services
from catalog.clicks import counting
from catalog.site import generation


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
