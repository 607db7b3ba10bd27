"""The operations of the API, a file per subject: form, service, answer, as views have them."""

from api.routers.brands import router as brands
from api.routers.categories import router as categories
from api.routers.imports import imports, runs
from api.routers.products import router as products
from api.routers.search import router as search
from api.routers.shops import router as shops

# Address, router, heading of the reference.
ROUTERS = [
    ("/products", products, "Products"),
    ("/categories", categories, "Categories"),
    ("/brands", brands, "Brands"),
    ("/shops", shops, "Shops"),
    ("/search", search, "Search"),
    ("/imports", imports, "Imports"),
    ("/runs", runs, "Runs"),
]
