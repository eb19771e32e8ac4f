"""What Slack accepts, as data, each with its source; lengths in characters."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

# docs.slack.dev/reference/block-kit/blocks
BLOCKS_IN_MESSAGE: Final = 50
BLOCKS_IN_MODAL: Final = 100

# chat.postMessage advises 4,000 and truncates above 40,000
# (api.slack.com/changelog/2018-04-truncating-really-long-messages).
TOP_TEXT: Final = 4_000

# msg_blocks_too_long appears undocumented from about 13,200 characters of all blocks together
# (github.com/slackapi/bolt-js/issues/2509 and 2867); tables are counted apart, below.
BLOCKS_JSON: Final = 12_000
BLOCK_JSON: Final = 6_000

# slack_sdk.models.blocks: HeaderBlock.text_max_length, InputBlock.label_max_length,
# ButtonElement.text_max_length, ActionsBlock.elements_max_length, InteractiveElement.action_id_max_length,
# Option.label_max_length.
HEADER: Final = 150
LABEL: Final = 2_000
BUTTON: Final = 75
BUTTONS_IN_BLOCK: Final = 25
ACTION_ID: Final = 255
OPTION: Final = 75
PLACEHOLDER: Final = 150

# docs.slack.dev/reference/block-kit/composition-objects/text-object; the same for a line of rich text.
TEXT: Final = 3_000
URL: Final = 3_000

# docs.slack.dev/reference/block-kit/block-elements: radio-button-group-element, select-menu-element (options;
# as many again in each of 100 option groups).
RADIO_BUTTONS: Final = 10
OPTIONS_IN_SELECT: Final = 100

# docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
INPUT: Final = 3_000

# docs.slack.dev/reference/block-kit/blocks/table-block: rows with the header row, characters of all cells
# together, one table a message (only_one_table_allowed), none in a modal; a cell may not be empty.
TABLES_IN_MESSAGE: Final = 1
TABLE_ROWS: Final = 100
TABLE_COLUMNS: Final = 20
TABLE_TEXT: Final = 10_000
TABLE_CELL: Final = 300

# docs.slack.dev/reference/block-kit/blocks/data-visualization-block: series names are unique, and every
# series has exactly one number for every category.
CHARTS_IN_MESSAGE: Final = 2
CHART_TITLE: Final = 50
CHART_AXIS: Final = 50
CHART_LABEL: Final = 20
CHART_SERIES: Final = 6
CHART_POINTS: Final = 20

# docs.slack.dev/reference/views/modal-views
MODAL_TITLE: Final = 24
PRIVATE_METADATA: Final = 3_000

# --- requests of Slack --------------------------------------------------------------------------------

# A view has at most 250 KB (docs.slack.dev/surfaces/modals) and comes form-encoded; ours are far smaller.
BODY: Final = 512 * 1024

# docs.slack.dev/authentication/verifying-requests-from-slack: seconds that a signature holds, either way.
SIGNATURE_WINDOW: Final = 300

# --- calls of the Web API -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls a minute in the long run, `burst` of them at once."""

    per_minute: float
    burst: int


# docs.slack.dev/apis/web-api/rate-limits: "50+", "100+" and so on a minute for each method and workspace,
# with "some burst" that Slack does not put a number to. The bursts here are ours, and modest.
_TIER_3: Final = Rate(50, 10)
_TIER_4: Final = Rate(100, 20)
_SPECIAL: Final = Rate(60, 10)

# The tiers: slackapi/java-slack-sdk metadata/web-api/rate_limit_tiers.json, commit 86ff7ca99.
METHODS: Final[Mapping[str, Rate]] = MappingProxyType(
    {
        "auth.test": _SPECIAL,
        "chat.delete": _TIER_3,
        "chat.postEphemeral": _TIER_4,
        "chat.update": _TIER_3,
        "conversations.history": _TIER_3,
        "conversations.open": _TIER_3,
        "conversations.replies": _TIER_3,
        "views.open": _TIER_4,
        "views.publish": _TIER_4,
    }
)

# The same page: chat.postMessage takes about one message a second for each channel, with short bursts, and
# "several hundred messages per minute" for a workspace.
POSTS_PER_CHANNEL: Final = Rate(60, 3)
POSTS_PER_WORKSPACE: Final = Rate(300, 30)

# What conversations.history gives the strictest kind of app since 29 May 2025
# (docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps).
HISTORY_PAGE: Final = 15

# docs.slack.dev/reference/methods/conversations.replies: at most so many at a time, the earliest first. The strictest
# kind of app gets 15 whatever it asks for, and the cursor leads on.
REPLIES_PAGE: Final = 200

# Seconds; the SDK's own default of 30 would hold up a lane.
CALL_TIMEOUT: Final = 10
