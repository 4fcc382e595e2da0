"""Lists of phrases, written as prose so that they can be read and extended."""


def phrases(text: str) -> tuple[str, ...]:
    """The phrases between the bars of the text."""
    return tuple(text.split("|"))
