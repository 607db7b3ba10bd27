"""Accounts at the sandbox that may read reports, and its control address."""

import pytest
import requests

from importer.models import NetworkAccount
from importer.networks.contract import Capability
from importer.sandbox.credentials import DEMO_CREDENTIALS, DEMO_REPORTS
from sales.read import schedule

NETWORKS = ("tradedoubler", "adtraction", "tradetracker")


@pytest.fixture
def control(sandbox):
    """Set what the sandbox does: `control("time", days=40)`; returns what it answers."""

    def send(part, method="POST", **values):
        answer = requests.request(method, f"{sandbox.url}/_control/{part}", json=values, timeout=20)
        assert answer.ok, answer.text
        return answer.json()

    return send


@pytest.fixture
def make_account(transactional_db, sandbox, settings):
    """Make an account with the demo's credentials; its reports are read 100 days back."""
    settings.SALES_FIRST_DAYS = 100

    def make(network, label="Main"):
        account = NetworkAccount(network=network, label=label, currency="EUR")
        account.set_credentials(DEMO_CREDENTIALS[network])
        if network in DEMO_REPORTS:
            account.set_credentials(DEMO_REPORTS[network], Capability.REPORTS)
        account.save()
        return account

    return make


@pytest.fixture(params=NETWORKS)
def account(request, make_account):
    return make_account(request.param)


@pytest.fixture
def adtraction(make_account):
    return make_account("adtraction")


def read_all(account, **kwargs):
    """Plan and read everything that is due of an account."""
    from sales.read import reader

    schedule.plan(**kwargs)
    reader.work(account.pk)
