from importer.models.accounts import Feed, NetworkAccount, Program, StoredTokens
from importer.models.blocks import Block
from importer.models.category_map import CategoryCount, CategoryMapping, CountedFeed, MappingRun
from importer.models.checks import ASKED, ItemCheck
from importer.models.doubts import DoubleKey, DoubleScan, DoubtScan, JoinDoubt
from importer.models.hosts import LinkHost
from importer.models.items import FeedItem, FeedRows, IndexedWord, SampleItem
from importer.models.log import LogStart
from importer.models.runs import ImportItem, ImportRun, SyncRun
from importer.models.saved import SavedSearch

__all__ = [
    "ASKED",
    "CategoryCount",
    "CategoryMapping",
    "CountedFeed",
    "Block",
    "DoubleKey",
    "DoubleScan",
    "DoubtScan",
    "Feed",
    "FeedItem",
    "FeedRows",
    "ImportItem",
    "ImportRun",
    "IndexedWord",
    "ItemCheck",
    "JoinDoubt",
    "LinkHost",
    "LogStart",
    "MappingRun",
    "NetworkAccount",
    "Program",
    "SampleItem",
    "SavedSearch",
    "StoredTokens",
    "SyncRun",
]
