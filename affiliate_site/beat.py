"""The clock of the site: what is due is sent out of memory, and a sign of life is left in Redis.

No file: one that a power cut truncated would stop the clock for ever, and what is due is a column on the row.
"""

import celery.beat

from affiliate_site.redis import RedisError, get_redis

SIGN = "beat-is-alive"
SIGN_EVERY = 5  # seconds
FORGOTTEN_AFTER = 60  # seconds


class Scheduler(celery.beat.Scheduler):
    """Celery's own, which keeps its schedule in memory, with a sign of life."""

    def setup_schedule(self) -> None:
        super().setup_schedule()
        # Nobody knows when they last ran; a site that runs half an hour a day must come to its hourly tasks.
        for entry in self.schedule.values():
            entry.last_run_at -= entry.schedule.run_every

    def tick(self, *args, **kwargs) -> float:
        pause = super().tick(*args, **kwargs)
        try:
            get_redis().set(SIGN, 1, ex=FORGOTTEN_AFTER)
        except RedisError:
            self.logger.warning("Redis does not take the sign of life", exc_info=True)
        return min(pause, SIGN_EVERY)


def seconds_silent() -> float | None:
    """Return the age of beat's last sign of life; None where there was none within FORGOTTEN_AFTER.

    Raises RedisError.
    """
    left = get_redis().pttl(SIGN)
    return FORGOTTEN_AFTER - left / 1000 if left > 0 else None
