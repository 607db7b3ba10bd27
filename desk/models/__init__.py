from desk.models.accounts import DeskAccount, DeskTokens
from desk.models.conversions import Conversion, ConversionKey
from desk.models.decisions import Application, Decidable, PendingSale, State
from desk.models.own_categories import OwnCategory, TdCategory
from desk.models.own_feeds import OwnFeed, OwnProduct, PushItem, PushRun

__all__ = [
    "Application",
    "Conversion",
    "ConversionKey",
    "Decidable",
    "DeskAccount",
    "DeskTokens",
    "OwnCategory",
    "OwnFeed",
    "OwnProduct",
    "PendingSale",
    "PushItem",
    "PushRun",
    "State",
    "TdCategory",
]
