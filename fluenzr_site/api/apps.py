from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "fluenzr_site.api"
    label = "api"
