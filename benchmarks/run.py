"""Runs every benchmark here, one after another, and writes what they print to ``docs/performance.md``.

``benchmarks/run.py [NAME ...]``: those alone, the others keep their place in the file.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILE = HERE.parent / "docs" / "performance.md"
HEAD = """# Performance, as measured

Written by `make bench`: each script runs ours and a yardstick in turn, in the same run. Machines are noisy, so that the
ratios count, not the figures. What each measures stands at the top of its script in `benchmarks/`.
"""


def sections() -> dict[str, str]:
    """What the file holds by now: the name of each script, and what it printed."""
    text = FILE.read_text() if FILE.exists() else ""
    return dict(re.findall(r"^## (\w+)\n\n```\n(.*?)```\n", text, re.MULTILINE | re.DOTALL))


def measured(name: str) -> str:
    """What the script prints, without warnings and progress. Raises CalledProcessError where it fails."""
    print(f"{name} …", flush=True)
    command = [sys.executable, str(HERE / f"{name}.py")]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - scripts of ours
    print(done.stdout, flush=True)
    return f"benchmarks/{name}.py, {os.cpu_count()} cores\n{done.stdout}"


def main(names: list[str]) -> None:
    known = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in ("run", "rounds"))
    found = sections()
    for name in names or known:
        found[name] = measured(name)
        parts = [f"## {each}\n\n```\n{found[each]}```\n" for each in known if each in found]
        FILE.write_text("\n".join([HEAD, *parts]))


if __name__ == "__main__":
    main(sys.argv[1:])
