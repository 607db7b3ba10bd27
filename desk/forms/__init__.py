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
from desk.forms.own_feeds import ColumnsForm, OwnFeedForm

__all__ = [
    "ColumnsForm",
    "OwnFeedForm",
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
