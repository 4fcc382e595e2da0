from django.db import migrations

from fluenzr_site.core.database import PostgresSQL


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        # Unlogged: a count needn't survive a crash, and is never flushed to disk.
        PostgresSQL(
            "CREATE UNLOGGED TABLE core_counter"
            " (subject text PRIMARY KEY, window_start bigint NOT NULL, hits integer NOT NULL)"
            " WITH (fillfactor = 50)",
            "DROP TABLE core_counter",
        ),
    ]
