"""The installation's secret, made at first start and kept beside the data."""

import os
import secrets
from pathlib import Path


def load_or_create(path: Path) -> str:
    """The secret in ``path``; a new one is written there (readable by its owner only) when there is none.

    Several processes may start at once: the file is linked into place whole, and the first one wins.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
