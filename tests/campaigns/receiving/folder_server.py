"""The sandbox's IMAP server with more folders than an inbox."""

import threading
from typing import Any

from campaigns.sandbox.imap_server import ImapServer, _ImapSession, _words
from campaigns.sandbox.loopback import Loopback


class Store:
    """One folder, as a session reads it."""

    def __init__(self, flags: str, validity: int = 1) -> None:
        self.flags, self.validity, self.login = flags, validity, ("", "")
        self._messages: list[bytes] = []

    def messages(self) -> list[bytes]:
        return list(self._messages)

    def append(self, raw: bytes) -> None:
        self._messages.append(raw)


class FolderServer(ImapServer):
    """``folders`` maps names, as they stand on the wire, to stores. ``lists`` counts how often they were listed."""

    def __init__(self, username: str = "ann", password: str = "secret", **folders: str) -> None:
        self.login = (username, password)
        self.folders = {"INBOX": Store("\\HasNoChildren")} | {name: Store(flags) for name, flags in folders.items()}
        self.lists = 0
        self.refuses_lists = False
        self._lock = threading.Lock()
        Loopback.__init__(self, FolderSession)

    def append(self, raw: bytes, folder: str = "INBOX") -> int:
        self.folders[folder].append(raw)
        return len(self.folders[folder].messages())

    def messages(self) -> list[bytes]:
        return self.folders["INBOX"].messages()


class FolderSession(_ImapSession):
    server: Any

    def handle(self) -> None:
        self.account = self.server
        super().handle()

    def _do(self, verb: str, arguments: str) -> str:
        if verb == "LIST" and self._is_in:
            self.account.lists += 1
            if self.account.refuses_lists:
                return "NO not today"
            for name, store in self.account.folders.items():
                self.say(f'* LIST ({store.flags}) "/" "{name}"')
            return "OK LIST completed"
        return super()._do(verb, arguments)

    def _select(self, arguments: str) -> str:
        (name,) = _words(arguments)
        store = self.account.folders.get(name)
        self._selected = store is not None
        if store is None:
            return "NO [NONEXISTENT] There is no such folder"
        self.server = store
        self._known = len(store.messages())
        self.say(f"* {self._known} EXISTS", f"* OK [UIDVALIDITY {store.validity}] They last")
        self.say(f"* OK [UIDNEXT {self._known + 1}] The next one's")
        return "OK [READ-ONLY] Selected"
