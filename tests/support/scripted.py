"""Servers on loopback that follow a script, line by line, in a thread; and a certificate for them."""

import datetime
import ipaddress
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
PATIENCE = 10


class Peer:
    """The server's end of one connection."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(PATIENCE)
        self.sock = sock
        self._file = sock.makefile("rb")

    def say(self, *lines: str) -> None:
        self.sock.sendall("".join(f"{line}\r\n" for line in lines).encode("latin-1"))

    def say_raw(self, said: bytes) -> None:
        self.sock.sendall(said)

    def hear(self, beginning: str = "") -> str:
        """The next line, "" at the end; it must begin so, in any case."""
        line = self._file.readline().decode().rstrip("\r\n")
        assert line.upper().startswith(beginning.upper()), f"{line!r} instead of {beginning!r}"
        return line

    def hear_bytes(self, size: int) -> bytes:
        return self._file.read(size)

    def hear_until(self, end: bytes) -> None:
        """Hears lines up to one that ends so, together with the line before it."""
        before = line = b""
        while not (before + line).endswith(end):
            before, line = line, self._file.readline()
            assert line, f"the end, before {end!r}"

    def hear_out(self) -> None:
        """Waits for the other to hang up."""
        while self._file.read1():
            pass

    def hear_quit(self) -> None:
        """Waits for QUIT, or for the other to hang up without."""
        while self._file.readline().upper() not in (b"", b"QUIT\r\n"):
            pass

    def reset(self) -> None:
        """Hangs up without the usual manners (RST)."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def start_tls(self, context: ssl.SSLContext) -> None:
        self._file.close()
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self._file = self.sock.makefile("rb")

    def close(self) -> None:
        self._file.close()
        self.sock.close()


@contextmanager
def serving(*talks: Callable[[Peer], None], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server that has these talks, one a connection, one after another.

    What fails in a talk is raised at the end. A client that hangs up early is no failure.
    """
    failures: list[BaseException] = []

    def run() -> None:
        for talk in talks:
            try:
                sock, _ = server.accept()
            except OSError:
                return
            with sock:
                peer = None
                try:
                    sock.settimeout(PATIENCE)
                    peer = Peer(context.wrap_socket(sock, server_side=True) if context else sock)
                    talk(peer)
                except OSError:
                    pass
                except BaseException as error:
                    failures.append(error)
                finally:
                    if peer:
                        peer.close()

    with socket.create_server((HOST, 0)) as server:
        server.settimeout(PATIENCE)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(PATIENCE)
        assert not thread.is_alive(), "The script isn't through"
    if failures:
        raise failures[0]


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of 127.0.0.1 that vouches for itself: its file, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A test's server")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "certificate.pem", folder / "key.pem"
    chain.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, secret)
    return chain, context
