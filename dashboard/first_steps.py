"""What a new site needs before visitors come; each step ticks itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from catalog.models import SiteSettings


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    why: str
    url: str
    is_done: bool
    permission: str


def first_steps(
    user: User, counts: Mapping[str, int], networks: Sequence[Mapping[str, Any]], site: SiteSettings
) -> list[Step]:
    """Return the steps that the user may take, done or not; none once all are done. Reads nothing."""
    is_connected = any(entry["accounts"] for entry in networks)
    first = networks[0]["network"].slug
    settings = reverse("catalog:site-settings")
    default_name = SiteSettings._meta.get_field("name").default
    steps = [
        Step(
            "Connect a network",
            "Enter its credentials once.",
            reverse("importer:network-settings", args=[first]),
            is_connected,
            "importer.change_networkaccount",
        ),
        Step(
            "Find products and import them",
            "Or write one by hand.",
            reverse("importer:search-all"),
            bool(counts["published"] or counts["drafts"]),
            "importer.add_importrun",
        ),
        Step(
            "Publish them",
            "Visitors never see drafts.",
            f"{reverse('catalog:product-list')}?status=draft",
            bool(counts["published"]),
            "catalog.change_product",
        ),
        Step(
            "Name the site",
            "And give it a logo.",
            settings,
            site.name != default_name,
            "catalog.change_sitesettings",
        ),
        Step(
            "Write the imprint",
            "Visitors must be able to read who runs the site. Every footer leads to it.",
            f"{reverse('pages:post-create', args=['pages'])}?role=imprint",
            bool(counts["imprints"]),
            "pages.add_post",
        ),
    ]
    steps = [step for step in steps if user.has_perm(step.permission)]
    return [] if all(step.is_done for step in steps) else steps
