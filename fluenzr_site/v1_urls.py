"""The FluenzR dialect: every path under /v1 that a Bearer key opens."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from fluenzr_site.api.rendering import JsonRenderer
from fluenzr_site.api.views import UnknownPath


class Description(SpectacularAPIView):
    """``/v1/openapi.json``, for everybody."""

    authentication_classes = ()
    permission_classes = ()
    renderer_classes = [JsonRenderer]
    urlconf = "fluenzr_site.v1_urls"
    schema = None


urlpatterns = [
    path("v1/openapi.json", Description.as_view(), name="openapi"),
    path("v1/", include("contacts.api.urls")),
    re_path(r"(?s)^v1(/.*)?\Z", UnknownPath.as_view()),
]
