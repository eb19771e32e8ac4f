"""The app package for Teams: manifest.json and two icons in a zip, ready to upload.

https://learn.microsoft.com/microsoftteams/platform/resources/schema/manifest-schema
"""

import io
import json
import zipfile
from urllib.parse import urlsplit

from bot.manifest.icons import ACCENT, color_icon, outline_icon
from bot.messages.parts import Json

SCHEMA_VERSION = "1.29"
APP_VERSION = "1.0.0"
"""Raised when the manifest changes: Teams takes an update only with a higher one."""
COMMANDS = (
    ("status", "Where things stand, and what waits for you"),
    ("raise", "Bring something up with both sides"),
    ("help", "What you can ask"),
)
_PACKED_AT = (2026, 1, 1, 0, 0, 0)
"""A fixed date for what is packed: the same settings make the same file, byte for byte."""


def manifest(app_id: str, *, developer: str, public_url: str = "", website: str = "") -> Json:
    """Return manifest.json as nested fields.

    It asks for no resource-specific permission: the liaison reads only what is said to it, and calls no Graph.
    """
    site = (website or public_url or "https://example.com").rstrip("/")
    host = urlsplit(public_url).hostname
    return {
        "$schema": f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA_VERSION}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA_VERSION,
        "version": APP_VERSION,
        "id": app_id,
        "developer": {
            "name": developer,
            "websiteUrl": site,
            "privacyUrl": f"{site}/privacy",
            "termsOfUseUrl": f"{site}/terms",
        },
        "name": {"short": "Liaison", "full": "Alliance liaison"},
        "description": {
            "short": "A neutral colleague for two companies that share an alliance.",
            "full": "Asks both companies how the alliance is going, shows where they see it differently, and carries "
            "problems up the agreed ladder on both sides at once.",
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#{:02X}{:02X}{:02X}".format(*ACCENT),
        "bots": [
            {
                "botId": app_id,
                "scopes": ["personal", "team"],
                "commandLists": [
                    {
                        "scopes": ["personal", "team"],
                        "commands": [{"title": title, "description": says} for title, says in COMMANDS],
                    }
                ],
            }
        ],
        "validDomains": [host] if host else [],
    }


def package(fields: Json) -> bytes:
    """Return the zip that is uploaded to Teams."""
    held = io.BytesIO()
    text = json.dumps(fields, indent=2, ensure_ascii=False) + "\n"
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (
            ("manifest.json", text.encode()),
            ("color.png", color_icon()),
            ("outline.png", outline_icon()),
        ):
            archive.writestr(zipfile.ZipInfo(name, _PACKED_AT), content, zipfile.ZIP_DEFLATED)
    return held.getvalue()
