"""What people are written of: the beat schedule calls it."""

from celery import shared_task

from dashboard.digest import collecting, daily

SECONDS = 5  # then somebody else may have a turn


@shared_task
def tell_people() -> None:
    """Note what happened, tell at once what cannot wait, and write the daily mail when its time has come."""
    collecting.collect(seconds=SECONDS)
    daily.write_due()
