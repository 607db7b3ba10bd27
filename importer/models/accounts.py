"""A site's accounts at the networks, and the programs and feeds they can reach."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

from affiliate_site.encrypted import CredentialsUnreadable, EncryptedText, decrypt, encrypt
from catalog.models import Product
from importer.models.reasons import ReasonField
from importer.networks.contract import Capability

# Lower case, with a dot: a whole top-level domain is nobody's.
is_domain = RegexValidator(r"^[a-z0-9-]+(\.[a-z0-9-]+)+\Z", "Write domains, such as go.shop.com.")


MAX_LINK_DOMAINS = 50


class KeptAccounts(models.Manager):
    """All accounts but those that are being deleted."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(removed_at=None)


class NetworkAccount(models.Model):
    """Credentials at a network, with the defaults for what is imported through it."""

    network = models.CharField(max_length=30)
    label = models.CharField(max_length=60, help_text="To tell several accounts apart.")
    encrypted_credentials = EncryptedText(editable=False)
    currency = models.CharField("default currency", max_length=3, default="EUR")
    product_status = models.CharField(
        max_length=10,
        choices=[(Product.Status.DRAFT, "Draft"), (Product.Status.PUBLISHED, "Published")],
        default=Product.Status.DRAFT,
        help_text="For new products.",
    )
    import_description = models.BooleanField(
        "import description",
        default=False,
        help_text="Search engines rank copied texts low. A single import can still decide.",
    )
    quick_publishes = models.BooleanField(
        "quick import publishes at once",
        default=True,
        help_text="Otherwise quick import uses the product status above.",
    )
    links_pictures = models.BooleanField(
        "show pictures from the shop instead of copying them",
        default=False,
        help_text="For programmes that forbid copies. They come through this site, so that no shop sees your "
        "visitors. Copies load faster, and stay when the shop's are gone.",
    )
    link_domains = ArrayField(
        models.CharField(max_length=255, validators=[is_domain]),
        verbose_name="more domains that links may lead to",
        default=list,
        blank=True,
        size=MAX_LINK_DOMAINS,
        help_text="The network's own and those of its shops may anyway. Name tracking domains of brands and "
        "private networks here, separated by commas.",
    )
    mirrors_imported = models.BooleanField(
        "mirror the feeds of imported products",
        default=True,
        db_default=True,
        help_text="Their prices are then checked with each sync. Otherwise each product is read by itself, "
        "as far as the network allows it.",
    )
    mirror_up_to = models.PositiveIntegerField(
        "without asking, up to so many products",
        default=500_000,
        db_default=500_000,
        help_text="You are asked before a larger feed is mirrored.",
    )
    gone_after_misses = models.PositiveSmallIntegerField(
        "not available when missed so often",
        default=3,
        db_default=3,
        validators=[MinValueValidator(2), MaxValueValidator(100)],
        help_text="Of products that are read by themselves: in a row. One miss never decides.",
    )
    gone_after_hours = models.PositiveSmallIntegerField(
        "or missed for so many hours",
        default=24,
        db_default=24,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 60)],
        help_text="And at least twice.",
    )
    works_from = models.TimeField(
        "syncs and checks only from",
        null=True,
        blank=True,
        help_text="In the site's time zone. Empty: at any time. What a person asks for is done at any time.",
    )
    works_to = models.TimeField("to", null=True, blank=True, help_text="May be on the next day.")
    # Why nothing is re-read through it at the moment, and until when.
    rests_until = models.DateTimeField(null=True, editable=False)
    rests_for = ReasonField(blank=True, editable=False)
    rest_count = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    policies = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="What its feeds may change, by field (`catalog.lib.merge`, `catalog.lib.gone`).",
    )
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    check_error = ReasonField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, editable=False, help_text="A worker deletes its rows since.")

    all_objects = models.Manager()
    objects = KeptAccounts()

    class Meta:
        default_manager_name = "objects"
        ordering = ["network", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "label"],
                name="account_label_once_per_network",
                condition=models.Q(removed_at=None),
                violation_error_message="There is an account of this name already.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_connected(self) -> bool:
        return self.checked_at is not None and not self.check_error

    def get_credentials(self, capability: str = Capability.SEARCH) -> dict[str, str]:
        """Return the credentials of a capability, {} where there are none. Raises CredentialsUnreadable."""
        return self._credentials().get(capability, {})

    def set_credentials(self, credentials: dict[str, str], capability: str = Capability.SEARCH) -> None:
        """Replace the credentials of a capability; those of the others stay. Saves nothing."""
        try:
            others = self._credentials()
        except CredentialsUnreadable:
            others = {}
        self.encrypted_credentials = encrypt({**others, capability: credentials})

    def forget_credentials(self) -> None:
        """Have none any more, of any capability. Saves nothing."""
        self.encrypted_credentials = encrypt({})

    def _credentials(self) -> dict[str, dict[str, str]]:
        return decrypt(self.encrypted_credentials) if self.encrypted_credentials else {}


class StoredTokens(models.Model):
    """What signs an account in for one of its capabilities; whoever holds the row may renew it."""

    account = models.ForeignKey(NetworkAccount, on_delete=models.CASCADE, related_name="tokens")
    capability = models.CharField(max_length=20)
    encrypted_tokens = EncryptedText(editable=False)

    class Meta:
        verbose_name = "sign-in"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "capability"], name="tokens_once_per_account_and_capability"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.capability}"


class Program(models.Model):
    """A merchant's program that the account may promote."""

    account = models.ForeignKey(NetworkAccount, on_delete=models.CASCADE, related_name="programs")
    external_id = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    url = models.CharField(max_length=2000, blank=True)
    logo_url = models.CharField(max_length=2000, blank=True)
    market = models.CharField(max_length=10, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    # Besides its website's: tracking hosts of its own, as its network and its links name them.
    link_domains = ArrayField(
        models.CharField(max_length=255), default=list, db_default=[], size=MAX_LINK_DOMAINS
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="program_once_per_account"),
        ]

    def __str__(self) -> str:
        return self.name


class FeedQuerySet(models.QuerySet):
    def searchable(self) -> "FeedQuerySet":
        """Return the feeds that a search may show: mirrored here, and read at least once."""
        return self.filter(is_searchable=True)


# Between two syncs. To ask whether a feed changed costs next to nothing.
_HOURS = {"hourly": 1, "6h": 6, "12h": 12, "daily": 24, "weekly": 168, "change": 1}


class Feed(models.Model):
    """A program's product list. `is_mirrored`: its items are kept here whole and searched here."""

    class MirrorWish(models.TextChoices):
        ASKED = "asked", "A person is asked whether to mirror it"
        DECLINED = "declined", "A person does not want it mirrored"

    class Schedule(models.TextChoices):
        HOURLY = "hourly", "Every hour"
        SIX_HOURS = "6h", "Every 6 hours"
        TWELVE_HOURS = "12h", "Every 12 hours"
        DAILY = "daily", "Every day"
        WEEKLY = "weekly", "Every week"
        ON_CHANGE = "change", "When the network says it changed"

        @property
        def interval(self) -> timedelta:
            return timedelta(hours=_HOURS[self])

    account = models.ForeignKey(NetworkAccount, on_delete=models.CASCADE, related_name="feeds")
    program = models.ForeignKey(
        Program, on_delete=models.SET_NULL, null=True, blank=True, related_name="feeds"
    )
    external_id = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=5, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    item_count = models.PositiveIntegerField(null=True, blank=True)
    network_updated_at = models.DateTimeField(null=True, blank=True)
    is_mirrored = models.BooleanField(default=False)
    schedule = models.CharField(max_length=10, choices=Schedule, default=Schedule.TWELVE_HOURS)
    max_shrink_percent = models.PositiveSmallIntegerField(
        "held when more is gone",
        default=30,
        validators=[MaxValueValidator(100)],
        help_text="Per cent of its items that a sync may take away without asking.",
    )
    max_bad_percent = models.PositiveSmallIntegerField(
        "held when more is unreadable",
        default=20,
        validators=[MaxValueValidator(100)],
        help_text="Per cent of its rows that may be bad without asking.",
    )
    max_price_factor = models.PositiveSmallIntegerField(
        "held when a price changes by more than",
        default=5,
        validators=[MaxValueValidator(1000)],
        help_text="Times what it was, up or down. 0 holds none.",
    )
    gone_after_syncs = models.PositiveSmallIntegerField(
        "not available after so many syncs without it",
        default=1,
        db_default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Of products that a whole, good feed does not have any more.",
    )
    mirror_wish = models.CharField(
        max_length=10,
        choices=MirrorWish,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="Of a feed that is not mirrored and has imported products: what a person wants.",
    )
    # Why its items are not re-read at the moment, and until when.
    rests_until = models.DateTimeField(null=True, editable=False)
    rests_for = ReasonField(blank=True, editable=False)
    profile = models.JSONField(
        default=dict, help_text="What its last whole pass taught (importer.normalise.FeedProfile)."
    )
    shared_codes = ArrayField(
        models.CharField(max_length=14),
        default=list,
        db_default=[],
        help_text="EANs that it gives to unlike articles (importer.feed_index.shared_codes).",
    )
    network_state = models.JSONField(
        default=dict, help_text="How the network's module tells that nothing changed since the last sync."
    )
    synced_at = models.DateTimeField(null=True, blank=True)
    next_sync_at = models.DateTimeField(null=True, blank=True)
    # A column, so that the statements of the search read the same rule.
    is_searchable = models.GeneratedField(
        expression=models.Q(is_mirrored=True, synced_at__isnull=False),  # type: ignore[arg-type]  # as documented
        output_field=models.BooleanField(),
        db_persist=True,
    )

    objects = FeedQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="feed_once_per_account"),
        ]

    def __str__(self) -> str:
        """Return the name with the program's: Adtraction calls each feed "Standard"."""
        if self.program is None or self.program.name in self.name:
            return self.name
        return f"{self.program.name}, {self.name}"

    @property
    def is_current(self) -> bool:
        """Tell whether the mirror is as new as its schedule promises, but for one sync that failed."""
        if not self.is_mirrored or self.synced_at is None:
            return False
        return timezone.now() - self.synced_at < 2 * self.Schedule(self.schedule).interval
