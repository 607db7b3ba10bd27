"""What pages and guides do by themselves: the beat schedule calls these."""

from celery import shared_task

from pages import services


@shared_task
def publish_due_posts() -> None:
    """Publish the drafts whose time has come."""
    services.publish_due()


@shared_task
def thin_posts() -> None:
    """Forget old revisions."""
    services.thin()
