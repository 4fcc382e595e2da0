from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.generic import RedirectView, TemplateView

from fluenzr_site import health
from fluenzr_site.adminsite.site import site


def robots(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


_DOCS = {"description": "/v1/openapi.json"}

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("robots.txt", robots),
    re_path(r"^docs/?$", TemplateView.as_view(template_name="docs.html", extra_context=_DOCS), name="docs"),
    path("", include("campaigns.tracking.urls")),
    path("", include("fluenzr_site.notices.urls")),
    path("admin/", site.urls),
]
