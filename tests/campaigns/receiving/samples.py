"""The corpus, and the accounts that it was written for."""

from pathlib import Path

from campaigns.receiving.classify import Classification, kind
from campaigns.receiving.parsing import Incoming, read

CORPUS = Path(__file__).parent / "corpus"
OURS = frozenset({"Sales@example.com"})
ORIGINAL = "<msg_01@mail.example.com>"


def raw(path: str) -> bytes:
    return (CORPUS / f"{path}.eml").read_bytes()


def names(folder: str) -> set[str]:
    return {path.stem for path in (CORPUS / folder).glob("*.eml")}


def is_ours(message_id: str) -> bool:
    return message_id.startswith("<msg_")


def classified(incoming: Incoming) -> Classification:
    return kind(incoming, own_addresses=OURS, own_message_ids_lookup=is_ours)


def classify(path: str) -> Classification:
    return classified(read(raw(path)))


def message(headers: str, body: str = "Hello") -> Incoming:
    return read(f"{headers}\r\n\r\n{body}".encode())
