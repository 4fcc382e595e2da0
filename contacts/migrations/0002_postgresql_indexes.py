from django.db import migrations

from fluenzr_site.core.database import PostgresSQL


class Migration(migrations.Migration):
    """What makes search by a piece of text and by a custom field quick on PostgreSQL."""

    dependencies = [("contacts", "0001_initial")]
    operations = [
        PostgresSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop),
        # Searching: search_text LIKE '%…%'; the e-mail filter narrows by it too.
        PostgresSQL(
            "CREATE INDEX contact_search ON contacts_contact USING gin (search_text gin_trgm_ops)",
            "DROP INDEX contact_search",
        ),
        # custom_fields @> '{"key": "value"}'
        PostgresSQL(
            "CREATE INDEX contact_custom ON contacts_contact USING gin (custom_fields jsonb_path_ops)",
            "DROP INDEX contact_custom",
        ),
    ]
