"""Numbers as the pages say them."""

from django.utils.formats import number_format


def number(value: float) -> str:
    """In the reader's language, with its thousands apart; a whole one without decimals."""
    whole = int(value) if value == int(value) else value
    return str(number_format(whole, use_l10n=True, force_grouping=True))
