from importer.forms.accounts import AccountForm
from importer.forms.blocks import BlockFilterForm, BlockForm
from importer.forms.category_map import MappingForm
from importer.forms.feeds import FeedFilterForm, FeedForm, FeedsActionForm
from importer.forms.imports import BulkImportForm, CategoriesForm
from importer.forms.index_search import IdListForm, IndexSearchForm
from importer.forms.item_import import ItemImportForm
from importer.forms.log import LogFilterForm
from importer.forms.saved import RecipesForm, SavedSearchForm
from importer.forms.search import SearchForm

__all__ = [
    "AccountForm",
    "BlockFilterForm",
    "BlockForm",
    "BulkImportForm",
    "CategoriesForm",
    "FeedFilterForm",
    "FeedForm",
    "FeedsActionForm",
    "IdListForm",
    "IndexSearchForm",
    "ItemImportForm",
    "LogFilterForm",
    "MappingForm",
    "RecipesForm",
    "SavedSearchForm",
    "SearchForm",
]
