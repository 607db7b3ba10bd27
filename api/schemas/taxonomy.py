"""Categories, brands and shops."""

from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from api.schemas.common import In

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class CategoryOut(Schema):
    id: int
    name: str
    slug: str
    parent: int | None
    depth: int = Field(description="0 at the top.")
    product_count: int


class CategoryWhole(Schema):
    id: int
    name: str
    slug: str
    parent: int | None
    version: str


class CategoryPatch(In):
    name: str | None = Field(None, max_length=120)
    parent: int | None = None


class CategoryIn(In):
    name: Name
    parent: int | None = None


class CategoryMove(In):
    place: Literal["before", "after", "inside"]
    target: int


class BrandOut(Schema):
    id: int
    name: str
    slug: str
    product_count: int = 0
    version: str = ""


class BrandIn(In):
    name: Name


class ShopOut(Schema):
    id: int
    name: str
    slug: str
    url: str
    offer_count: int = 0
    sources: list[str] = Field(default_factory=list, description="Where it is known from: `network:program`.")
    version: str = ""


class ShopPatch(In):
    name: str | None = Field(None, max_length=120)
    url: str | None = Field(None, max_length=2000)


class NameFilter(Schema):
    q: str = Field("", max_length=120, description="A part of the name.")
