from importer.models.accounts import Feed, NetworkAccount, Program
from importer.models.doubts import DoubtScan, JoinDoubt
from importer.models.events import ApiEvent
from importer.models.hosts import LinkHost
from importer.models.items import FeedItem, IndexedWord, SampleItem
from importer.models.runs import ImportItem, ImportRun, SyncRun

__all__ = [
    "ApiEvent",
    "DoubtScan",
    "Feed",
    "FeedItem",
    "ImportItem",
    "ImportRun",
    "IndexedWord",
    "JoinDoubt",
    "LinkHost",
    "NetworkAccount",
    "Program",
    "SampleItem",
    "SyncRun",
]
