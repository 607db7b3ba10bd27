"""A login of the desk, ready to speak, by what it is needed for."""

from desk.models import DeskAccount, DeskTokens
from desk.services.accounts import login_of
from importer.accounts.tokens import RowTokens
from importer.networks.adtraction.advertiser import AdtractionChannels
from importer.networks.tradedoubler.advertiser import TradedoublerManagement
from importer.networks.tradetracker.advertiser import TradeTrackerConversions, TradeTrackerMerchant


def management_of(account: DeskAccount, *, leaves_to_people: bool = False) -> TradedoublerManagement:
    """Return the management API with a sign-in that all workers share."""
    login = login_of(account, TradedoublerManagement)
    login.use_tokens(RowTokens(DeskTokens, account_id=account.pk))
    login.http.leaves_to_people = leaves_to_people
    return login


def channels_of(account: DeskAccount) -> AdtractionChannels:
    return login_of(account, AdtractionChannels)


def merchant_of(account: DeskAccount) -> TradeTrackerMerchant:
    return login_of(account, TradeTrackerMerchant)


def conversions_of(account: DeskAccount) -> TradeTrackerConversions:
    return login_of(account, TradeTrackerConversions)
