"""The people that the importer's tests know; users come from no app of ours."""

from tests.importer.conftest import editor, editor_client, no_network, outsider_client  # noqa: F401
