"""Strategies for what contacts and imports may hold, and what templates may be made of."""

from datetime import UTC, date, datetime

from hypothesis import settings
from hypothesis import strategies as st

PATIENT = settings(deadline=None, max_examples=150)
#: Characters of the larger inputs; what is quadratic in them doesn't end within a test run.
LARGE = 190_000

TOKENS = [
    *("{{", "}}", "{%", "%}", "{", "}", "|", '"', "'", "\n", " ", "if ", "elif ", "else", "endif", "not ", "==", "!="),
    *(
        "firstName",
        "company size",
        "uppercase",
        "short",
        "{% if a %}",
        "{% endif %}",
        "{{a|b}}",
        "<p>",
        "</p>",
        "&quot;",
    ),
    *('<a href="', "</a>", "<b>", "<script>", "<!--", "-->", "javascript:", "https://x.example/", "&", "é"),
]
EVIL = [
    *("\r", "\n", "\x00", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\t", " ", "=?UTF-8?Q?=0A?=", "=?utf-8?b?DQo=?="),
    *(
        "Bcc: x@example.com",
        "<x@example.com>",
        ",",
        ";",
        '"',
        "\\",
        "(",
        ")",
        "@",
        ":",
        "é",
        "नाम",
        "😀",
        "\ud800",
        "\r\n",
    ),
]

sources = st.lists(st.sampled_from(TOKENS) | st.text(max_size=5), max_size=40).map("".join)
evil_lines = st.lists(st.sampled_from(EVIL) | st.text(max_size=4), max_size=60).map("".join)


class Unprintable:
    """What can't be turned into text."""

    def __str__(self) -> str:
        raise RuntimeError


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=5)
    | st.dates()
    | st.sampled_from([Unprintable(), 10**6000, date(2026, 11, 21), datetime(2026, 11, 21, tzinfo=UTC), "\ud800"])
    | evil_lines
    | sources
)
anything = scalars | st.lists(scalars, max_size=4) | st.dictionaries(st.text(max_size=3), scalars, max_size=3)
values = st.dictionaries(
    st.sampled_from(["firstName", "a", "company size"]) | st.text(max_size=4), anything, max_size=4
)
