"""What the benchmarks share: a site of their own in a temporary folder, and how their rounds are told."""

import os
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

#: The servers that e-mails and webhooks go to are on this machine.
LOOPBACK = {"FLUENZR_PRIVATE_NETWORKS": "127.0.0.0/8"}

#: When campaigns of benchmarks send.
ALWAYS = {
    "sendDays": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    "sendHoursStart": 0,
    "sendHoursEnd": 24,
    "timezone": "UTC",
    "maxEmailsPerHour": 1_000_000,
}


@contextmanager
def own_site(**settings: str) -> Iterator[None]:
    """To be entered before anything of the site is imported."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "fluenzr_site.settings", "FLUENZR_VAR": folder, **settings}
        yield


def tell(rates: Mapping[str, Sequence[float]], unit: str, ratio: tuple[str, str]) -> None:
    """The median of each and its rounds, in ``unit`` a second; then the ratio of two of the medians."""
    middle = {name: statistics.median(each) for name, each in rates.items()}
    width = max(map(len, rates)) + 1
    for name, each in rates.items():
        print(f"{name:{width}}{_shown(middle[name]):>8} {unit} a second   ({', '.join(map(_shown, each))})")
    one, other = ratio
    print(f"{one} / {other}: {middle[one] / middle[other]:.3g}")


def _shown(rate: float) -> str:
    return f"{rate:.0f}" if rate >= 100 else f"{rate:.1f}"
