"""Changes that are taken back: all of one cause, product by product."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from catalog.lib.undoing import Verdict

ACTIVE = ("planning", "queued", "running")
VERDICTS = {
    Verdict.TAKEN_BACK: "Taken back",
    Verdict.PARTLY: "Taken back in part",
    Verdict.KEPT: "Kept: changed since",
    Verdict.IMPOSSIBLE: "Cannot be taken back",
    Verdict.NOTHING: "Nothing to do",
}


class UndoRun(models.Model):
    """Takes back everything of one cause (`Revision.cause`).

    It is planned first, by a worker where there is much, and waits as `planned` for a person. Then it is
    carried out, each product planned again as it stands: its own changes have the cause "undo:<id>".
    """

    class State(models.TextChoices):
        PLANNING = "planning", "Planning"
        PLANNED = "planned", "Planned"
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"

    cause = models.CharField(max_length=80)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNING)
    message = models.TextField(blank=True)
    total_count = models.PositiveIntegerField(default=0)
    planned_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # The same is never taken back twice at once.
            models.UniqueConstraint(
                fields=["cause"], name="undo_run_one_active_per_cause", condition=models.Q(state__in=ACTIVE)
            ),
        ]

    def __str__(self) -> str:
        return f"Undo {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("catalog:undo-detail", args=[self.pk])

    @property
    def own_cause(self) -> str:
        """The cause of what it changes itself."""
        return f"undo:{self.pk}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_planned(self) -> bool:
        return self.state == self.State.PLANNED


class UndoItem(models.Model):
    """A product that the cause changed: what the plan says of it, and what became of it."""

    # The index below serves. No foreign key holds the product: it may be deleted for good.
    run = models.ForeignKey(UndoRun, on_delete=models.CASCADE, related_name="items", db_index=False)
    product_id = models.BigIntegerField()
    planned = models.CharField(max_length=10, choices=list(VERDICTS.items()), blank=True)
    verdict = models.CharField(max_length=10, choices=list(VERDICTS.items()), blank=True)
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "product_id"], name="undo_item_once_per_run"),
        ]
        indexes = [
            models.Index(fields=["run", "planned", "id"], name="undo_item_planned"),
            models.Index(fields=["run", "verdict", "id"], name="undo_item_verdicts"),
        ]

    def __str__(self) -> str:
        return f"product {self.product_id}: {self.verdict or self.planned or 'to do'}"
