from importer.forms.accounts import AccountForm
from importer.forms.events import EventFilterForm
from importer.forms.imports import BulkImportForm, CategoriesForm, ItemImportForm
from importer.forms.search import SearchForm

__all__ = [
    "AccountForm",
    "BulkImportForm",
    "CategoriesForm",
    "EventFilterForm",
    "ItemImportForm",
    "SearchForm",
]
