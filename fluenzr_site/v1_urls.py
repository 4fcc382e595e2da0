"""The FluenzR dialect: every path under /v1 that a Bearer key opens."""

from django.urls import include, path, re_path

from fluenzr_site.api.description import Description
from fluenzr_site.api.views import UnknownPath

urlpatterns = [
    path("v1/openapi.json", Description.as_view(), name="openapi"),
    path("v1/", include("contacts.api.urls")),
    path("v1/", include("campaigns.api.urls")),
    path("v1/", include("fluenzr_site.webhooks.api.urls")),
    re_path(r"(?s)^v1(/.*)?\Z", UnknownPath.as_view()),
]
