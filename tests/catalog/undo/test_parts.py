"""What a revision may hold is what its history can show, and what an undo takes back or leaves on purpose."""

import pytest

from catalog import services
from catalog.lib.undoing import OF_THE_FEED
from catalog.models import Revision
from catalog.queries.history import ORDER
from catalog.services.restoring import RESTORABLE
from catalog.services.revisions import PARTS
from tests.catalog.undo.run import take_back, verdicts


def test_every_part_of_a_revision_has_a_place_in_the_history():
    assert set(ORDER) == set(PARTS)


def test_what_can_be_restored_is_kept():
    assert set(RESTORABLE) <= set(PARTS)
    assert set(PARTS) >= OF_THE_FEED


@pytest.mark.django_db
def test_an_upload_whose_file_is_gone_is_said_to_be_gone(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    product = services.create_product(title="Boot")
    revision = Revision.objects.create(
        product=product,
        at=product.created_at,
        cause="bulk:1",
        before={"pictures": [{"id": 9, "url": "", "alt": "", "stored": 9}]},
        after={"pictures": []},
    )
    run = take_back("bulk:1")
    assert run.items.get().message == "A picture that was uploaded is gone, with its file."
    Revision.objects.filter(pk=revision.pk).update(
        before={"pictures": [{"id": 9, "url": "https://img.example/9.jpg", "alt": "Boot", "stored": 9}]}
    )
    assert verdicts(take_back("bulk:1")) == {product.pk: "taken_back"}
    image = product.images.get()
    assert (image.state, image.alt, image.pk) == ("waiting", "Boot", 9)
