"""Tells machines from people among those who fetch a pixel or a link. Pure."""

import re
from datetime import timedelta
from typing import Final

# Nobody reads an e-mail and follows its link sooner than this after it left; gateways that check links do.
TOO_SOON: Final = timedelta(seconds=5)
_SCANNERS: Final = re.compile(
    r"bot\b|crawl|spider|scan|preview|proofpoint|mimecast|barracuda|safelinks|urldefense|symantec|messagelabs"
    r"|fireeye|trendmicro|sophos|forcepoint|ironport|cisco|zscaler|slackbot|facebookexternalhit|whatsapp|telegrambot"
    r"|python-requests|python-urllib|aiohttp|httpx|curl/|wget/|go-http-client|java/|okhttp|libwww|headlesschrome"
    r"|phantomjs|microsoft office existence discovery|skypeuripreview|googlemessages|bingpreview",
    re.IGNORECASE,
)
# Proxies that load images when a person looks, and tell nothing of them.
_IMAGE_PROXIES: Final = re.compile(r"googleimageproxy|yahoomailproxy|ymailproxy", re.IGNORECASE)
# Apple's proxy loads every image of every message, read or not, and says only this.
_PREFETCHERS: Final = frozenset({"Mozilla/5.0", ""})


def is_open_by_robot(method: str, user_agent: str, since_sent: timedelta) -> bool:
    """Whether whoever fetched the pixel surely wasn't a person who looked."""
    if method != "GET" or user_agent.strip() in _PREFETCHERS:
        return True
    if _IMAGE_PROXIES.search(user_agent):
        return since_sent < TOO_SOON
    return since_sent < TOO_SOON or bool(_SCANNERS.search(user_agent))


def is_click_by_robot(method: str, user_agent: str, since_sent: timedelta) -> bool:
    """Whether whoever followed the link surely wasn't a person."""
    if method != "GET" or not user_agent.strip():
        return True
    return since_sent < TOO_SOON or bool(_SCANNERS.search(user_agent) or _IMAGE_PROXIES.search(user_agent))
