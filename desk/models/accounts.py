"""The advertiser's logins at the networks."""

from django.db import models
from django.urls import reverse

from affiliate_site.encrypted import EncryptedText, decrypt, encrypt
from importer.models.reasons import ReasonField
from importer.networks import NETWORKS
from importer.networks.advertiser import Advertiser


class DeskAccount(models.Model):
    """A login of an advertiser: of which network and kind (`Network.advertiser`), with its credentials.

    `programs` are those it is for, id -> name; `role` is what it is at the network, as that writes it.
    """

    network = models.CharField(max_length=30)
    kind = models.CharField(max_length=30, help_text="A key of the network's `advertiser`.")
    label = models.CharField(max_length=60, help_text="Your name for this login.")
    encrypted_credentials = EncryptedText(editable=False)
    programs = models.JSONField(default=dict, editable=False)
    role = models.CharField(max_length=30, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    check_error = ReasonField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["network", "kind", "id"]
        permissions = [("run_program", "Can change a program at its network")]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "kind", "label"],
                name="desk_account_label_once",
                violation_error_message="There is a login of this name already.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("desk:account-edit", args=[self.pk])

    @property
    def kind_class(self) -> type[Advertiser]:
        """What speaks for it; raises KeyError for a kind that is gone."""
        return NETWORKS[self.network].advertiser[self.kind]

    @property
    def network_label(self) -> str:
        return NETWORKS[self.network].label if self.network in NETWORKS else self.network

    def get_credentials(self) -> dict[str, str]:
        """Return the credentials. Raises CredentialsUnreadable."""
        return decrypt(self.encrypted_credentials) if self.encrypted_credentials else {}

    def set_credentials(self, credentials: dict[str, str]) -> None:
        """Replace the credentials. Saves nothing."""
        self.encrypted_credentials = encrypt(credentials)


class DeskTokens(models.Model):
    """What signs a login in (OAuth); whoever holds the row may renew it."""

    account = models.OneToOneField(DeskAccount, on_delete=models.CASCADE, related_name="tokens")
    encrypted_tokens = EncryptedText(editable=False)

    def __str__(self) -> str:
        return str(self.account)
