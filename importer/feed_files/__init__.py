"""Bytes -> rows, always streaming: gzip and zip, any usual encoding, JSON, JSON lines, XML and CSV.

The format is read from the content, never from a name or a content type. No step holds more than a few rows.
"""

from importer.feed_files.kept import Keeper, KeptFile
from importer.feed_files.known_rows import KnownRows
from importer.feed_files.letters import Letters
from importer.feed_files.reading import FeedFile
from importer.feed_files.rows import BadRow, NoFeed, Row

__all__ = ["BadRow", "FeedFile", "Keeper", "KeptFile", "KnownRows", "Letters", "NoFeed", "Row"]
