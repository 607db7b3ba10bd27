from desk.models.accounts import DeskAccount, DeskTokens
from desk.models.conversions import Conversion, ConversionKey
from desk.models.decisions import Application, Decidable, PendingSale, State

__all__ = [
    "Application",
    "Conversion",
    "ConversionKey",
    "Decidable",
    "DeskAccount",
    "DeskTokens",
    "PendingSale",
    "State",
]
