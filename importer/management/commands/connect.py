from argparse import ArgumentTypeError

from django.core.management.base import CommandError
from django.db import IntegrityError

from catalog.models import Product
from importer import tasks
from importer.accounts.accounts import connect_account
from importer.accounts.reports import connect_reports
from importer.forms.accounts import CREDENTIAL_PREFIX, AccountForm
from importer.management.output import Failure, ScriptCommand
from importer.models import NetworkAccount
from importer.networks import NETWORKS
from importer.networks.contract import Capability, NetworkError
from importer.sentences import say


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
        account = NetworkAccount.objects.filter(network=network, label=label.strip()).first()
        own = NETWORKS[network].credential_fields.get(Capability.REPORTS, {})
        reports = {name: value for name, value in options["set"] if name in own}
        options["set"] = [(name, value) for name, value in options["set"] if name not in own]
        form = self.fill_form(network, account, label, options)
        try:
            account = connect_account(
                network,
                credentials=form.credentials,
                label=form.cleaned_data["label"],
                defaults=form.defaults,
                account=account,
            )
        except NetworkError as error:
            raise Failure(
                say(error), account=None, network=network, connected=False, code=error.code
            ) from error
        except IntegrityError as error:
            raise CommandError(f"Another process just connected “{label}”.") from error
        if reports:
            try:
                connect_reports(account, reports)
            except NetworkError as error:
                raise Failure(
                    say(error), account=account.pk, network=network, connected=True, code=error.code
                ) from error
        tasks.refresh_account.delay_on_commit(account.pk)
        return {"account": account.pk, "network": network, "connected": True, "error": ""}

    def fill_form(
        self, network: str, account: NetworkAccount | None, label: str, options: dict
    ) -> AccountForm:
        """Return the form of the settings page with what was given over what it would show; it is valid.

        A credential is never part of a message.
        """
        network_class, credentials = NETWORKS[network], dict(options["set"])
        fields = network_class.credential_fields[Capability.SEARCH]
        if unknown := sorted(credentials.keys() - fields.keys()):
            known = ", ".join([*fields, *network_class.credential_fields.get(Capability.REPORTS, {})])
            raise CommandError(f"{', '.join(unknown)}: unknown. {network} takes {known}.")
        given = {
            "label": label,
            "currency": options["currency"] and options["currency"].upper(),
            "product_status": options["status"],
            "import_description": options["description"],
        } | {CREDENTIAL_PREFIX + name: value for name, value in credentials.items()}
        shown = {field.name: field.value() for field in AccountForm(instance=account, network=network_class)}
        data = shown | {name: value for name, value in given.items() if value is not None}
        form = AccountForm(data, instance=account, network=network_class)
        for name, errors in form.errors.items():
            raise Failure(
                f"{name.removeprefix(CREDENTIAL_PREFIX)}: {errors[0]}",
                account=None, network=network, connected=False,
            )  # fmt: skip
        return form

    def describe(self, result: dict) -> str:
        return f"Connected (account {result['account']})."
