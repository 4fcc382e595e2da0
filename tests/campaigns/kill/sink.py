"""An SMTP server that remembers on disk what it took: ``sink.py PORT FILE [--delay SECONDS] [--hold FILE]``.

A line a message, ``recipient TAB Message-ID TAB subject``, is on the disk before the 250. The answer waits up to
``--delay`` seconds more, at random, and for as long as the file of ``--hold`` is there. Prints "ready".
"""

import argparse
import asyncio
import os
import random
import signal
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP


class Sink:
    def __init__(self, file: str, delay: float, hold: str) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._delay, self._hold = delay, Path(hold) if hold else None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content)
        for recipient in envelope.rcpt_tos:
            os.write(self._file, f"{recipient}\t{message['Message-ID']}\t{message['Subject']}\n".encode())
        os.fsync(self._file)
        await asyncio.sleep(random.uniform(0, self._delay))
        while self._hold and self._hold.exists():
            await asyncio.sleep(0.01)
        return "250 2.0.0 queued"


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("file")
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--hold", default="")
    told = parser.parse_args()
    sink = Sink(told.file, told.delay, told.hold)
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    await loop.create_server(lambda: SMTP(sink, hostname="sink.test", loop=loop), "127.0.0.1", told.port)
    print("ready", flush=True)
    await over.wait()


if __name__ == "__main__":
    asyncio.run(main())
