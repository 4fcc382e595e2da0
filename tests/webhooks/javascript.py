"""One Node process that answers line by line."""

import shutil
import subprocess
from typing import Self

import pytest

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")

# Not readline, for which U+2028 ends a line too.
_LOOP = """
let held = Buffer.alloc(0);
process.stdin.on("data", (chunk) => {
  held = Buffer.concat([held, chunk]);
  for (let end; (end = held.indexOf(10)) >= 0; held = held.subarray(end + 1)) {
    let said;
    try { said = answer(held.subarray(0, end).toString()); } catch (error) { said = `${error}`; }
    process.stdout.write(`${said}\\n`);
  }
});
"""


class Node:
    """``answer`` is JavaScript: a function from a line to a line. Neither holds a line feed."""

    def __init__(self, answer: str) -> None:
        command = ["node", "-e", f"const answer = {answer};{_LOOP}"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin and self._process.stdout
        self._in, self._out = self._process.stdin, self._process.stdout

    def ask(self, line: bytes) -> bytes:
        self._in.write(line + b"\n")
        self._in.flush()
        return self._out.readline().removesuffix(b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._in.close()
        self._process.wait(10)
        self._out.close()
