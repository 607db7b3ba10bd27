"""Every page of the dashboard by the rules of axe-core, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.dashboard import test_widths
from tests.dashboard.test_widths import addresses

pytestmark = pytest.mark.browser
subjects = test_widths.subjects
# Colours go over into those of the other scheme: half way, none has the contrast of either.
SETTLED = """async () => {
    await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    await Promise.all(document.getAnimations().map((each) => each.finished.catch(() => {})));
}"""


def test_no_page_breaks_a_rule_of_accessibility(admin_page, admin_client, subjects):
    pages = addresses(admin_client, subjects)
    faults = []
    admin_page.emulate_media(reduced_motion="reduce")
    for address in pages:
        admin_page.goto(address, wait_until="load")
        for scheme in ("light", "dark"):
            admin_page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            admin_page.evaluate(SETTLED)
            found = Axe().run(admin_page, options={"resultTypes": ["violations"], "iframes": False}).response
            faults += [
                f"{address[:60]} {scheme}: {rule['id']}: {node['html'][:160]} {node['failureSummary'][-160:]}"
                for rule in found["violations"]
                for node in rule["nodes"][:2]
            ]
    assert not faults, "\n" + "\n".join(faults)
