"""How the admin looks: the theme's settings. Plain data, for settings.py reads it before anything is set up."""

from typing import Any, Final

UNFOLD: Final[dict[str, Any]] = {
    "SITE_TITLE": "FluenzR",
    "SITE_HEADER": "FluenzR",
    "SITE_SYMBOL": "forum",
    "SITE_URL": "",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "fluenzr_site.adminsite.navigation.icon"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "THEME": "fluenzr_site.adminsite.profile_theme.theme",
    "STYLES": ["fluenzr_site.adminsite.profile_theme.stylesheet"],
    "SCRIPTS": ["fluenzr_site.adminsite.profile_theme.script"],
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        },
    },
}
