"""Records: profiles read one at a time out of folders, JSON lines, CSV, XLSX and Parquet.

Everything that is read is hostile until the dictionary has checked it: sizes are bounded, nothing is evaluated, and a
row that cannot be read is told with file, row and column, never dropped. May import `assess` and what lies below.

    from checker.importers.records import records, sources

    for found in records(sources(["platforms.csv"]), dictionary):
        if isinstance(found, Record):
            profile = parse_profile(found.document(), dictionary, today=today)
"""

from checker.importers.records.find import Job, find_profiles
from checker.importers.records.mapping import Mapping, read_mapping
from checker.importers.records.read import Sources, expected, records, sources
from checker.importers.records.record import Record, Unread

__all__ = [
    "Job",
    "Mapping",
    "Record",
    "Sources",
    "Unread",
    "expected",
    "find_profiles",
    "read_mapping",
    "records",
    "sources",
]
