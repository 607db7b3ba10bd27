"""The people that the importer's tests know."""

from tests.importer.conftest import editor, editor_client, no_network, outsider_client  # noqa: F401
