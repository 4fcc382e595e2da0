"""A worker and nothing else: ``worker.py SEED`` takes turns until SIGTERM. Prints "ready" before the first."""

import os
import random
import signal
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fluenzr_site.settings")
django.setup()

from campaigns.sending import turn  # noqa: E402


def main(seed: str) -> None:
    # Workers that rest equally long would always meet at the same places.
    resting = random.Random(seed)
    signal.signal(signal.SIGTERM, lambda *_: turn.stopping.set())
    print("ready", flush=True)
    while not turn.stopping.is_set():
        if not turn.take_turn():
            time.sleep(resting.uniform(0.002, 0.02))


if __name__ == "__main__":
    main(sys.argv[1])
