"""The engine. Workers are woken here; what they do is found in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fluenzr_site.settings")

app = Celery("fluenzr")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    ["contacts.imports", "fluenzr_site.api", "fluenzr_site.webhooks", "campaigns", "campaigns.reporting"]
)
