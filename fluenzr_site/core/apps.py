from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The heartbeats of workers, and a migration that makes the table of counters."""

    name = "fluenzr_site.core"
    label = "core"
