from django.apps import AppConfig


class CoreConfig(AppConfig):
    """No models; a migration that makes the table of counters."""

    name = "fluenzr_site.core"
    label = "core"
