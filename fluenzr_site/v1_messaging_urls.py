"""The messaging dialect: every path under /v1 that an ``x-api-key`` opens."""

from django.urls import include, path, re_path

from fluenzr_site.api.authentication import HeaderKey
from fluenzr_site.api.description import Description
from fluenzr_site.api.views import UnknownPath

urlpatterns = [
    path("v1/openapi.json", Description.as_view(), name="openapi"),
    path("v1/", include("contacts.messaging.urls")),
    re_path(r"(?s)^v1(/.*)?\Z", UnknownPath.as_view(authentication_classes=(HeaderKey,))),
]
