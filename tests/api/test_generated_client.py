"""A client that was generated from our description, typed through, works with the site."""

import importlib
import subprocess
import sys

import pytest

from catalog.services import create_product
from tests.api.conftest import make_program

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="session")
def generated(tmp_path_factory):
    """The client as a package, made of `openapi.json`."""
    import orjson

    from api.openapi import get_schema

    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_bytes(orjson.dumps(get_schema()))
    (folder / "config.yml").write_text("package_name_override: site_client\npost_hooks: []\n")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json"]
    options = ["--config", "config.yml", "--output-path", "out", "--meta", "none", "--fail-on-warning"]
    ended = subprocess.run(
        [*command, *options], cwd=folder, check=False, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (folder / "out").rename(folder / "site_client")
    sys.path.insert(0, str(folder))
    yield importlib.import_module("site_client")
    sys.path.remove(str(folder))


def module(name: str):
    return importlib.import_module(f"site_client.{name}")


def test_a_generated_client_works_with_products(generated, live_server, admin_user):
    client = generated.AuthenticatedClient(base_url=live_server.url, token=make_program(admin_user).text)
    for number in range(3):
        create_product(title=f"Lamp {number}")
    models = module("models")
    listing = find_operation("products", "list_products").sync(client=client, limit=2)
    assert [row.title for row in listing.items] == ["Lamp 2", "Lamp 1"]
    rest = find_operation("products", "list_products").sync(client=client, limit=2, cursor=listing.next_)
    assert [row.title for row in rest.items] == ["Lamp 0"]
    made = find_operation("products", "create_product").sync(
        client=client, body=models.ProductIn(title="Torch")
    )
    assert made.title == "Torch"
    whole = find_operation("products", "get_product").sync(made.id, client=client)
    assert whole.offers == []
    refused = find_operation("products", "create_product").sync_detailed(
        client=client, body=models.ProductIn(title="")
    )
    assert refused.status_code == 422
    assert refused.parsed.code == "invalid"


def find_operation(tag: str, name: str):
    """Return the module of an operation: its name begins with where it is in our code."""
    package = module(f"api.{tag}")
    from pathlib import Path

    (path,) = Path(package.__path__[0]).glob(f"*{name}.py")
    return module(f"api.{tag}.{path.stem}")
