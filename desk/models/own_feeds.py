"""The advertiser's own feeds: where their products come from, what was read of them, what was pushed."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from desk.models.accounts import DeskAccount
from importer.models.reasons import ReasonField

ACTIVE = ("reading", "queued", "running")


class OwnFeed(models.Model):
    """A feed at the network that we fill, and where its products come from.

    `columns` maps fields to columns (`desk.services.own_rows`), once. `counts` are those of the last plan or
    push, so that no page counts a hundred thousand rows.
    """

    class Source(models.TextChoices):
        UPLOAD = "upload", "A file that I upload"
        LINK = "link", "A file at an address"
        FOLDER = "folder", "The newest file in a folder of this server"
        CATALOGUE = "catalogue", "Products of this site"

    class Format(models.TextChoices):
        JSON = "json", "JSON"
        XML = "xml", "XML"

    class Mode(models.TextChoices):
        CREATE = "create", "Create, update and delete what differs"
        REPLACE = "replace", "Replace the whole feed"

    class Cents(models.TextChoices):
        UNKNOWN = "", "Ask me when it looks so"
        NO = "no", "No"
        YES = "yes", "Yes: 14990 is 149.90"

    account = models.ForeignKey(DeskAccount, on_delete=models.CASCADE, related_name="own_feeds")
    external_id = models.CharField("feed", max_length=20)
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=5, blank=True)
    source = models.CharField("products come from", max_length=10, choices=Source, default=Source.UPLOAD)
    file = models.CharField(max_length=100, blank=True, editable=False, help_text="The upload, by its name.")
    url = models.CharField("address", max_length=2000, blank=True)
    folder = models.CharField(max_length=100, blank=True)
    category_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    columns = models.JSONField(default=dict, blank=True)
    cents = models.CharField("prices are in cents", max_length=3, choices=Cents, blank=True, default="")
    format = models.CharField("sent as", max_length=4, choices=Format, default=Format.JSON)
    mode = models.CharField("how to push", max_length=7, choices=Mode, default=Mode.CREATE)
    guard_percent = models.PositiveSmallIntegerField(
        "ask when more would vanish than",
        default=20,
        validators=[MaxValueValidator(100)],
        help_text="Per cent of the products that the network holds.",
    )
    delete_after_reads = models.PositiveSmallIntegerField(
        "delete what is missing for so many reads",
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="A whole replacement takes it away at once.",
    )
    holds_unmapped = models.BooleanField(
        "hold products back until their category is mapped",
        default=False,
        help_text="Otherwise they are sent, and publishers see them once it is.",
    )
    pull_key = models.CharField(max_length=43, blank=True, editable=False)
    counts = models.JSONField(default=dict, editable=False)
    read_at = models.DateTimeField(null=True, editable=False)
    pushed_at = models.DateTimeField(null=True, editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    # What the network said last.
    held_count = models.PositiveIntegerField(null=True, editable=False)
    unmapped_count = models.PositiveIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "external_id"],
                name="own_feed_once_per_account",
                violation_error_message="This feed is here already.",
            ),
            models.UniqueConstraint(
                fields=["pull_key"], name="own_feed_pull_key_once", condition=~models.Q(pull_key="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("desk:feed-detail", args=[self.pk])


class OwnProduct(models.Model):
    """A product of an own feed: what is wished for, and whether the network has it.

    `digest` is of the row as it was read last, `sent_digest` of what the network has, "" where it has none.
    `data` is the newest good state; `before` is what the network has, where that is another. A row that is
    refused changes neither, so that a replacement goes on with what was good.
    """

    class State(models.TextChoices):
        NEW = "new", "New"
        CHANGED = "changed", "Changed"
        SENT = "sent", "Sent"
        REFUSED = "refused", "Refused"
        GONE = "gone", "Gone"

    feed = models.ForeignKey(OwnFeed, on_delete=models.CASCADE, related_name="products", db_index=False)
    source_product_id = models.CharField(max_length=250)
    data = models.JSONField()
    before = models.JSONField(null=True)
    digest = models.CharField(max_length=32)
    row_digest = models.CharField(
        max_length=32, blank=True, default="", db_default="", help_text="Of the row that it was read from."
    )
    sent_digest = models.CharField(max_length=32, blank=True)
    category = models.CharField(
        max_length=300, blank=True, help_text="Own category that needs a mapping, else empty."
    )
    state = models.CharField(max_length=7, choices=State)
    missed = models.PositiveSmallIntegerField(default=0, help_text="Reads in a row without it.")
    reason = ReasonField(blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["feed", "source_product_id"], name="own_product_once_per_feed"),
        ]
        indexes = [
            models.Index(fields=["feed", "state", "id"], name="own_product_states"),
            models.Index(fields=["feed", "category"], name="own_product_categories"),
        ]

    def __str__(self) -> str:
        return str(self.data.get("name") or self.source_product_id)


class PushRun(models.Model):
    """A read of a feed's source, the plan that came of it, and the push that a person let begin.

    `counts` are the plan's; `doubts` why somebody must look before it is pushed. One is active per feed.
    """

    class Kind(models.TextChoices):
        CREATE = "create", "Create, update, delete"
        REPLACE = "replace", "Replace"
        DELETE_ALL = "delete_all", "Delete all"

    class State(models.TextChoices):
        READING = "reading", "Reading"
        PLANNED = "planned", "Planned"
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    feed = models.ForeignKey(OwnFeed, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CREATE)
    state = models.CharField(max_length=10, choices=State, default=State.READING)
    user = models.ForeignKey("auth.User", on_delete=models.SET_NULL, null=True)
    counts = models.JSONField(default=dict)
    doubts = models.JSONField(default=list, help_text="Reasons, as JSON.")
    is_accepted = models.BooleanField(default=False, help_text="A person saw the doubts.")
    goes_on = models.BooleanField(default=False, help_text="Pushed by itself where nothing is in doubt.")
    message = ReasonField(blank=True)
    row_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)
    sent_count = models.PositiveIntegerField(default=0)
    deleted_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    update_before = models.CharField(max_length=40, blank=True, help_text="`lastUpdated` before the push.")
    claim = models.UUIDField(null=True, help_text="The worker's: who holds another one is no longer at it.")
    heartbeat_at = models.DateTimeField(null=True)
    waits_until = models.DateTimeField(null=True, help_text="Before then nobody takes it up.")
    wait_count = models.PositiveSmallIntegerField(default=0)
    check_at = models.DateTimeField(null=True, help_text="When what the network holds is read back next.")
    check_count = models.PositiveSmallIntegerField(default=0)
    check_message = ReasonField(blank=True)
    confirmed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # Two pushes of one feed at once would undo each other's work.
            models.UniqueConstraint(
                fields=["feed"], name="push_run_one_active_per_feed", condition=models.Q(state__in=ACTIVE)
            ),
        ]
        indexes = [
            models.Index(
                fields=["check_at"], name="push_run_checks", condition=models.Q(check_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.feed}"

    def get_absolute_url(self) -> str:
        return reverse("desk:push-detail", args=[self.pk])

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def done_count(self) -> int:
        return self.sent_count + self.deleted_count + self.refused_count


class PushItem(models.Model):
    """One product of a push, and what became of it; an empty outcome is still to do."""

    class Outcome(models.TextChoices):
        SENT = "sent", "Sent"
        DELETED = "deleted", "Deleted"
        REFUSED = "refused", "Refused"

    run = models.ForeignKey(PushRun, on_delete=models.CASCADE, related_name="items", db_index=False)
    source_product_id = models.CharField(max_length=250)
    digest = models.CharField(max_length=32, help_text="Of what is sent.")
    is_delete = models.BooleanField(default=False)
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    reason = ReasonField(blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["run", "outcome", "is_delete", "id"], name="push_item_outcomes")]

    def __str__(self) -> str:
        return f"{self.source_product_id}: {self.outcome or 'to do'}"
