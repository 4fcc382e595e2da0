"""So many requests a minute for a workspace, counted exactly however many processes answer."""

from dataclasses import dataclass

from fluenzr_site.api.errors import ApiError
from fluenzr_site.core import clock, counters
from fluenzr_site.workspaces.models import Workspace

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a workspace's minute after this request; ``resets_at`` in epoch seconds."""

    limit: int
    used: int
    resets_at: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Reset": str(self.resets_at),
        }


def count(workspace: Workspace) -> Allowance:
    """Count one request of the workspace."""
    now = clock.now().timestamp()
    counted = counters.hit(f"requests:{workspace.pk}", seconds=WINDOW_SECONDS, now=now)
    return Allowance(workspace.limits.requests_a_minute, counted.hits, counted.resets_at)


def require(allowance: Allowance) -> None:
    """Raises ApiError 429, with the seconds to wait, when the request is one too many."""
    if allowance.used > allowance.limit:
        wait = max(1, allowance.resets_at - int(clock.now().timestamp()))
        message = f"Rate limit of {allowance.limit} requests a minute exceeded; try again in {wait} s"
        raise ApiError(429, message, headers={"Retry-After": str(wait)})
