"""What is read of the networks' reports, and when. The rows are the truth, messages only hints to look."""

from django.db import models

from importer.models import NetworkAccount
from importer.models.reasons import ReasonField
from importer.networks.reports import Basis

ACTIVE = ("queued", "running")


class ReportAccount(models.Model):
    """The reading of an account's reports: there is one as soon as it has a login for them."""

    account = models.OneToOneField(NetworkAccount, on_delete=models.CASCADE, related_name="reports")
    login = models.CharField(max_length=200, blank=True, help_text="Whose login it is, as the network says.")
    # Two accounts with one login would have every sale twice.
    login_key = models.CharField(max_length=32, blank=True)
    channels = models.JSONField(default=dict, help_text="ID -> name.")
    currency = models.CharField(max_length=3, blank=True, help_text="Asked for where the network converts.")
    reads_from = models.DateField(null=True, help_text="The first day that is read.")
    checked_at = models.DateTimeField(null=True)
    check_error = ReasonField(blank=True)
    recent_at = models.DateTimeField(null=True, help_text="The last few days are read again then.")
    daily_at = models.DateTimeField(null=True, help_text="All that may still change is read again then.")
    extras_at = models.DateTimeField(
        null=True, help_text="Sums, commissions and payments are read again then."
    )
    read_at = models.DateTimeField(null=True, help_text="When a report was last read to its end.")
    # Why nothing is read at the moment, and until when.
    rests_until = models.DateTimeField(null=True)
    rests_for = ReasonField(blank=True)
    rest_count = models.PositiveSmallIntegerField(default=0)
    hook_secret = models.CharField(max_length=64, blank=True, db_index=True)
    hinted_at = models.DateTimeField(null=True, help_text="When a callback last counted.")

    def __str__(self) -> str:
        return f"Reports of {self.account}"


class ReportWindow(models.Model):
    """Some days of an account's report: the unit of reading, and of going on after a break."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Reading"
        DONE = "done", "Read"
        FAILED = "failed", "Failed"

    class Cause(models.IntegerChoices):
        """Why it is read. Smaller ones go first."""

        PERSON = 0, "Asked for"
        HINT = 1, "The network called"
        RECENT = 2, "Newest days"
        FIRST = 3, "First read"
        DAILY = 4, "Daily"

    account = models.ForeignKey(NetworkAccount, on_delete=models.CASCADE, related_name="report_windows")
    basis = models.CharField(max_length=10, choices=[(basis.value, basis.name.title()) for basis in Basis])
    cause = models.PositiveSmallIntegerField(choices=Cause)
    first_day = models.DateField()
    last_day = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    message = ReasonField(blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    row_count = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    missed_count = models.PositiveIntegerField(default=0, help_text="Sales that it lacks.")
    bad_count = models.PositiveIntegerField(default=0)
    bad_samples = models.JSONField(default=list, help_text="The first bad rows: {id, problem}.")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    waits_until = models.DateTimeField(null=True, help_text="Before then nobody takes it up.")
    claim = models.UUIDField(null=True, help_text="The worker's: who holds another one is no longer at it.")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "basis", "first_day", "last_day"],
                name="report_window_once_active",
                condition=models.Q(state__in=ACTIVE),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-finished_at"], name="report_window_finished"),
            models.Index(
                fields=["account", "cause"],
                name="report_window_active",
                condition=models.Q(state__in=ACTIVE),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.first_day} to {self.last_day}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE
