"""A table that nothing stays in: who makes products waits there for others who want the same names."""

from django.db import migrations

MAKE = """
CREATE UNLOGGED TABLE catalog_reservedname (key bigint PRIMARY KEY)
WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_variants")]

    operations = [migrations.RunSQL(MAKE, "DROP TABLE catalog_reservedname")]
