"""What a revision may hold is what its history can show, and what an undo takes back or leaves on purpose."""

from catalog.lib.undoing import OF_THE_FEED
from catalog.queries.history import ORDER
from catalog.services.restoring import RESTORABLE
from catalog.services.revisions import PARTS


def test_every_part_of_a_revision_has_a_place_in_the_history():
    assert set(ORDER) == set(PARTS)


def test_what_can_be_restored_is_kept():
    assert set(RESTORABLE) <= set(PARTS)
    assert set(PARTS) >= OF_THE_FEED
