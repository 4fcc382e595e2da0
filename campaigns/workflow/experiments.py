"""A/B tests: who gets which version, and which of the two did better."""

import hashlib
import math
from dataclasses import dataclass
from typing import Final, Literal

from campaigns.workflow.graph import VARIANT_CRITERIA

Version = Literal["a", "b"]
Reason = Literal["waiting", "sample_too_small", "no_difference", "better_rate"]

_HASH_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of one version, in contacts: to whom it was delivered, and who of them did what."""

    delivered: int = 0
    opened: int = 0
    clicked: int = 0
    replied: int = 0

    def hits(self, criterion: str) -> int:
        """The contacts who count for a criterion, never more than ``delivered``, never below 0.

        Raises ValueError for a criterion other than opened, clicked or replied.
        """
        if criterion not in VARIANT_CRITERIA:
            raise ValueError(f"The criterion must be one of {', '.join(VARIANT_CRITERIA)}")
        # An event may be known before, or after, its message counts as delivered.
        return max(0, min(int(getattr(self, criterion)), self.delivered))


@dataclass(frozen=True, slots=True)
class Decision:
    """``winner`` is None as long as there is none. ``significance`` is the confidence, 0 to 1, that the two
    rates really differ: 0.95 is the usual threshold of "significant", which no winner has to reach."""

    winner: Version | None
    significance: float
    reason: Reason


def assign(campaign_id: str, node_id: str, contact_id: str, split: int | float) -> Version:
    """The version this contact gets, the same for ever; ``split`` is the percentage of contacts who get B.

    Raises ValueError for a split outside 0 to 100.
    """
    if not 0 <= split <= 100:
        raise ValueError("The split must be a percentage from 0 to 100")
    # Each id is hashed by itself, so that no two triples read alike once joined.
    parts = (
        hashlib.sha256(part.encode("utf-8", "surrogatepass")).digest() for part in (campaign_id, node_id, contact_id)
    )
    drawn = int.from_bytes(hashlib.sha256(b"".join(parts)).digest()[: _HASH_BITS // 8], "big")
    return "b" if drawn * 100 < split * 2**_HASH_BITS else "a"


def decide(a: Tally, b: Tally, criterion: str, *, sample: int | None, waited: bool) -> Decision:
    """The version with the better rate, once the wait is over and the sample is reached.

    ``sample``: the least number of contacts to whom either version was delivered; None for no least number.
    Both versions need at least one. The significance is told at any time. Raises ValueError for an unknown
    criterion.
    """
    hits_a, hits_b = a.hits(criterion), b.hits(criterion)
    significance = confidence(hits_a, a.delivered, hits_b, b.delivered)
    if not waited:
        return Decision(None, significance, "waiting")
    if min(a.delivered, b.delivered) < 1 or a.delivered + b.delivered < (sample or 0):
        return Decision(None, significance, "sample_too_small")
    # Cross-multiplied: as exact as the counts are.
    left, right = hits_a * b.delivered, hits_b * a.delivered
    if left == right:
        return Decision(None, significance, "no_difference")
    return Decision("a" if left > right else "b", significance, "better_rate")


def confidence(hits_a: int, total_a: int, hits_b: int, total_b: int) -> float:
    """1 − p of the two-sided two-proportion z-test with the pooled rate, 0 to 1; 0 where nothing can be said.

    Expects 0 ≤ hits ≤ total.
    """
    if total_a <= 0 or total_b <= 0:
        return 0.0
    pooled = (hits_a + hits_b) / (total_a + total_b)
    variance = pooled * (1 - pooled) * (1 / total_a + 1 / total_b)
    if variance <= 0:
        return 0.0
    z = (hits_a / total_a - hits_b / total_b) / math.sqrt(variance)
    return math.erf(abs(z) / math.sqrt(2))
