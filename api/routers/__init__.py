"""The operations of the API, a file per subject: form, service, answer, as views have them."""

from api.routers.blocks import router as blocks
from api.routers.brands import router as brands
from api.routers.categories import router as categories
from api.routers.events import router as events
from api.routers.feeds import accounts, syncs
from api.routers.feeds import router as feeds
from api.routers.imports import imports, runs
from api.routers.offers import router as offers
from api.routers.products import router as products
from api.routers.saved import router as saved
from api.routers.search import router as search
from api.routers.shops import router as shops
from api.routers.site import router as site
from api.routers.undo import router as undo

# Address, router, heading of the reference.
ROUTERS = [
    ("/products", products, "Products"),
    ("/offers", offers, "Offers"),
    ("/categories", categories, "Categories"),
    ("/brands", brands, "Brands"),
    ("/shops", shops, "Shops"),
    ("/search", search, "Search"),
    ("/imports", imports, "Imports"),
    ("/runs", runs, "Runs"),
    ("/accounts", accounts, "Accounts"),
    ("/feeds", feeds, "Feeds"),
    ("/syncs", syncs, "Syncs"),
    ("/saved-searches", saved, "Saved searches"),
    ("/blocks", blocks, "Blocks"),
    ("/undo", undo, "Undo"),
    ("/events", events, "Events"),
    ("/site", site, "Site"),
]
