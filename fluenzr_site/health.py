"""For machines: is the process up, and can it work."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from fluenzr_site.core import clock, heartbeat


def alive(_request: HttpRequest) -> JsonResponse:
    """200 while the process answers at all."""
    return JsonResponse({"status": "ok"})


def ready(_request: HttpRequest) -> JsonResponse:
    """200 when the database answers, 503 when it doesn't; and whether a worker was seen in the last minute."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "down"}, status=503)
    worker = "up" if heartbeat.is_alive("sending", clock.now()) else "down"
    return JsonResponse({"status": "ok", "database": "up", "worker": worker})
