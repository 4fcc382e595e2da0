"""When a form comes back that was shown before its person signed in, elsewhere, once more."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fluenzr_site.adminsite.site import next_page, site


def failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page of ours; who only wanted to sign in, and is by now, comes to where they were going."""
    if request.path == reverse("admin:login") and site.has_permission(request):
        return redirect(next_page(request))
    return render(request, "403_csrf.html", status=403)
