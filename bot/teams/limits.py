"""What Teams accepts, as data, each with its source; sizes in bytes of JSON that is written in ASCII."""

from typing import Final

from bot.pacing import Window, Windows

# learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference: cards of bots.
VERSION: Final = "1.5"

# learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages says 100 KB counted as
# UTF-16, webhooks take 28 KB, and reports begin at 25 KB: we stay below all of them.
CARD: Final = 24 * 1024
# What a card weighs beside its elements: the frame and the summary below.
FRAME: Final = 2 * 1024
SUMMARY: Final = 1_000

# Ours, so that one element always fits into a card: a line of text; each table that a long one is cut into.
TEXT: Final = 8_000
TITLE: Final = 900
LABEL: Final = 3_000
TABLE: Final = 10_000

# The host configuration of Teams shows six actions of a set; further ones would be lost.
BUTTONS_IN_SET: Final = 6
BUTTON: Final = 450
# Ours, by looking: letters of one set's labels that stand side by side in the width of a chat; more are clipped.
LETTERS_IN_SET: Final = 75

# adaptivecards.io/explorer/Table.html gives none; the same as Slack's, so that both companies read the same.
TABLE_ROWS: Final = 99
TABLE_COLUMNS: Final = 20
TABLE_CELL: Final = 300

# Ours: more options than this are a drop-down.
OPTIONS_IN_SIGHT: Final = 5
OPTION: Final = 450

# learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit (2026-10-08): each bot in each
# conversation, for sending as for opening one; and each app in each tenant.
SENDING: Final[Windows] = (Window(7, 1), Window(8, 2), Window(60, 30), Window(1_800, 3_600))
TENANT: Final[Windows] = (Window(50, 1),)

# The same page and "Send and receive messages": worth trying again; everything else is not.
TRY_AGAIN: Final = frozenset({412, 502, 503, 504})
# Ours, in seconds, where a 429 names none.
WAIT: Final = 5.0

# learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication: clocks may
# differ by this many seconds; keys are read again once a day.
LEEWAY: Final = 300
KEYS_LIVE: Final = 86_400

# Ours: an activity of more bytes is refused; a person writes at most 28 KB of text.
BODY: Final = 256 * 1024
