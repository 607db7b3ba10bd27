from importer.models.accounts import Feed, NetworkAccount, Program, StoredTokens
from importer.models.doubts import DoubtScan, JoinDoubt
from importer.models.hosts import LinkHost
from importer.models.items import FeedItem, FeedRows, IndexedWord, SampleItem
from importer.models.log import LogStart
from importer.models.runs import ImportItem, ImportRun, SyncRun

__all__ = [
    "DoubtScan",
    "Feed",
    "FeedItem",
    "FeedRows",
    "ImportItem",
    "ImportRun",
    "IndexedWord",
    "JoinDoubt",
    "LinkHost",
    "LogStart",
    "NetworkAccount",
    "Program",
    "SampleItem",
    "StoredTokens",
    "SyncRun",
]
