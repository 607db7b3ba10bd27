"""What is blocked."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from api.guard import Needs
from api.paging import Paging, page_of
from api.schemas import searches as shapes
from api.schemas.common import Page
from importer.models import Block
from importer.search.blocks import add_block, find_blocks_like, remove_block

router = Router()
READ, WRITE = Needs("blocks:read"), Needs("blocks:write")
DELETE = Needs("blocks:write", "importer.delete_block")


@router.get("", response=Page[shapes.BlockOut], auth=READ)
def list_blocks(request: HttpRequest, asked: Query[shapes.BlockFilter], paging: Query[Paging]) -> Any:
    page = page_of(find_blocks_like(asked.q.replace("\0", ""), asked.kind), paging)
    return {"items": [_row(block) for block in page["items"]], "next": page["next"]}


@router.post("", response={201: shapes.BlockOut}, auth=WRITE)
def create_block(request: HttpRequest, data: shapes.BlockIn) -> Any:
    """Block something from now on; what is blocked already is returned."""
    return Status(201, _row(add_block(data.kind, data.key, reason=data.reason, user=request.user)))


@router.get("/{int:pk}", response=shapes.BlockOut, auth=READ)
def get_block(request: HttpRequest, pk: int) -> Any:
    return _row(get_object_or_404(Block, pk=pk))


@router.delete("/{int:pk}", response={204: None}, auth=DELETE)
def delete_block(request: HttpRequest, pk: int) -> Any:
    """Let it come up again."""
    remove_block(get_object_or_404(Block, pk=pk))
    return Status(204, None)


def _row(block: Block) -> dict[str, Any]:
    names = ("id", "kind", "key", "label", "reason", "created_at")
    return {name: getattr(block, name) for name in names} | {"created_by": block.created_by_id}
