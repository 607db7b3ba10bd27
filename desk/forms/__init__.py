from desk.forms.accounts import DeskAccountForm
from desk.forms.decisions import (
    ApplicationFilterForm,
    ConversionFileForm,
    ConversionFilterForm,
    KeyForm,
    PendingFilterForm,
    PublisherDecisionForm,
    ReturnsForm,
    SaleDecisionForm,
)

__all__ = [
    "ApplicationFilterForm",
    "ConversionFileForm",
    "ConversionFilterForm",
    "DeskAccountForm",
    "KeyForm",
    "PendingFilterForm",
    "PublisherDecisionForm",
    "ReturnsForm",
    "SaleDecisionForm",
]
