import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import fluenzr_site.core.ids


class SqliteSQL(migrations.RunSQL):
    """SQL that only SQLite runs. On PostgreSQL the search has an index of its own kind."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "sqlite":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "sqlite":
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0003_messaging"),
        ("workspaces", "0002_sending"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # The database is as it was: what a deletion may do is Django's to know.
        migrations.AlterField(
            model_name="contact",
            name="stage",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="contacts",
                to="contacts.pipelinestage",
                verbose_name="pipeline stage",
            ),
        ),
        migrations.CreateModel(
            name="BulkChange",
            fields=[
                ("due_at", models.DateTimeField(editable=False, null=True)),
                ("leased_until", models.DateTimeField(editable=False, null=True)),
                ("lease", models.CharField(blank=True, default="", editable=False, max_length=32)),
                (
                    "id",
                    fluenzr_site.core.ids.IdField(
                        editable=False, max_length=24, prefix="chg", primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("action", models.CharField(max_length=40)),
                ("detail", models.CharField(blank=True, default="", max_length=255)),
                ("what", models.JSONField(default=dict)),
                ("source_import_id", models.CharField(blank=True, default="", max_length=24)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("finished", "Done"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                            ("undoing", "Being undone"),
                            ("undone", "Undone"),
                        ],
                        default="running",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("actor", models.CharField(max_length=40)),
                ("created_at", models.DateTimeField(verbose_name="started")),
                ("finished_at", models.DateTimeField(null=True)),
                ("total", models.IntegerField(default=0)),
                ("done", models.IntegerField(default=0)),
                ("changed", models.IntegerField(default=0)),
                ("error", models.TextField(blank=True, default="")),
                ("undone_by", models.CharField(blank=True, default="", max_length=40)),
                ("undone_at", models.DateTimeField(null=True)),
                ("restored", models.IntegerField(default=0)),
                ("deleted", models.IntegerField(default=0)),
                ("kept", models.IntegerField(default=0)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bulk_changes",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "recent change",
                "verbose_name_plural": "recent changes",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="BulkPart",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.IntegerField()),
                ("contact_ids", models.TextField()),
                (
                    "change",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="contacts.bulkchange",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EarlierValues",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "change_id", "contact_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("contact_id", fluenzr_site.core.ids.IdField(editable=False, max_length=24, prefix="con")),
                ("values", models.JSONField(default=dict)),
                ("after", models.CharField(blank=True, default="", max_length=16)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", ""),
                            ("changed", "Changed since"),
                            ("deleted", "Deleted since"),
                            ("taken", "Another contact has the e-mail address or the number"),
                            ("erased", "Erased on request"),
                            ("opted_out", "Unsubscribed or bounced since"),
                            ("missing", "The stage, owner or location that it had is gone"),
                            ("full", "The plan allows no more contacts"),
                            ("over", "Its campaign is over, or it was taken out of it"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="earlier",
                        to="contacts.bulkchange",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "earlier values",
            },
        ),
        migrations.AddIndex(
            model_name="bulkchange",
            index=models.Index(fields=["workspace", "-id"], name="bulk_change_newest"),
        ),
        migrations.AddIndex(
            model_name="bulkchange",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="bulk_change_due"
            ),
        ),
        migrations.AddIndex(
            model_name="bulkchange",
            index=models.Index(
                condition=models.Q(("source_import_id", ""), _negated=True),
                fields=["source_import_id"],
                name="bulk_change_of_import",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkpart",
            constraint=models.UniqueConstraint(fields=("change", "number"), name="bulk_part_once"),
        ),
        migrations.AddIndex(
            model_name="earliervalues",
            index=models.Index(fields=["contact_id"], name="earlier_values_of_contact"),
        ),
        migrations.AlterField(
            model_name="suppression",
            name="reason",
            field=models.CharField(
                choices=[
                    ("erased", "Erased on request"),
                    ("merged", "Merged into another contact"),
                    ("unsubscribed", "Unsubscribed"),
                    ("bounced", "Bounced"),
                    ("blocked", "Blocked"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    fluenzr_site.core.ids.IdField(
                        editable=False, max_length=24, prefix="viw", primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("is_shared", models.BooleanField(default=False, verbose_name="shared with the workspace")),
                ("query", models.TextField(blank=True, default="")),
                ("columns", models.JSONField(default=list)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="ListChoice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("columns", models.JSONField(default=list)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
                (
                    "opens_with",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="contacts.savedview",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                (
                    "id",
                    fluenzr_site.core.ids.IdField(
                        editable=False, max_length=24, prefix="mrg", primary_key=True, serialize=False
                    ),
                ),
                ("before", models.JSONField()),
                ("actor", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                (
                    "survivor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="merges", to="contacts.contact"
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="merges",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "merge",
                "verbose_name_plural": "merges",
                "indexes": [models.Index(fields=["workspace", "at"], name="merge_age")],
            },
        ),
        migrations.CreateModel(
            name="NotDuplicates",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("workspace", "digest"), name="not_duplicates_once")],
            },
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(fields=("workspace", "person", "name"), name="saved_view_once_a_person"),
        ),
        migrations.AddConstraint(
            model_name="listchoice",
            constraint=models.UniqueConstraint(fields=("workspace", "person"), name="list_choice_once_a_person"),
        ),
        # A search reads every row's text: from here, and not from rows ten times as wide.
        SqliteSQL(
            "CREATE INDEX contact_searched ON contacts_contact (workspace_id, id DESC, search_text)",
            "DROP INDEX contact_searched",
        ),
    ]
