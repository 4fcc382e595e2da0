from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.generic import RedirectView

from fluenzr_site import health
from fluenzr_site.adminsite.site import site


def robots(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("robots.txt", robots),
    path("admin/", site.urls),
]
