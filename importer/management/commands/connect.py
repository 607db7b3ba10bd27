from argparse import ArgumentTypeError

from django.core.management.base import CommandError
from django.db import IntegrityError
from django.forms import Form

from catalog.models import Product
from importer import tasks
from importer.accounts.accounts import connect_account
from importer.management.output import Failure, ScriptCommand
from importer.models import NetworkAccount
from importer.networks import NETWORKS
from importer.networks.contract import NetworkError


def name_and_value(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise ArgumentTypeError(f"“{name}” has no “=”: write NAME=VALUE.")
    return name, value


class Command(ScriptCommand):
    help = "Connect an account at a network, or update the account of that label."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("network", choices=sorted(NETWORKS))
        parser.add_argument("--set", action="append", default=[], type=name_and_value, metavar="NAME=VALUE")
        parser.add_argument("--label", default="")
        parser.add_argument("--currency", default=None)
        parser.add_argument(
            "--status", choices=[Product.Status.DRAFT, Product.Status.PUBLISHED], default=None
        )
        description = parser.add_mutually_exclusive_group()
        description.add_argument("--description", action="store_true", default=None)
        description.add_argument("--no-description", dest="description", action="store_false")

    def run(self, *, network: str, **options) -> dict:
        label = options["label"] or NETWORKS[network].label
        account = NetworkAccount.objects.filter(network=network, label=label).first()
        credentials = self.clean_credentials(network, dict(options["set"]))
        defaults = {
            name: value
            for name, value in (
                ("currency", options["currency"] and options["currency"].upper()),
                ("product_status", options["status"]),
                ("import_description", options["description"]),
            )
            if value is not None
        }
        try:
            account = connect_account(
                network, credentials=credentials, label=label, defaults=defaults, account=account
            )
        except NetworkError as error:
            raise Failure(str(error), account=None, network=network, connected=False) from error
        except IntegrityError as error:
            raise CommandError(f"Another process just connected “{label}”.") from error
        tasks.refresh_account.delay_on_commit(account.pk)
        return {"account": account.pk, "network": network, "connected": True, "error": ""}

    def clean_credentials(self, network: str, values: dict[str, str]) -> dict[str, str]:
        """Check the values as the form does; a credential is never part of a message."""
        fields = NETWORKS[network].credential_fields
        if unknown := sorted(values.keys() - fields.keys()):
            raise CommandError(f"{', '.join(unknown)}: unknown. {network} takes {', '.join(fields)}.")
        form = type("CredentialsForm", (Form,), dict(fields))(values)
        if not form.is_valid():
            name, errors = next(iter(form.errors.items()))
            raise CommandError(f"{name}: {errors[0]}")
        return form.cleaned_data

    def describe(self, result: dict) -> str:
        return f"Connected (account {result['account']})."
