"""The paths below the public address at which the platforms call."""

SLACK_PATH = "/slack/events"
TEAMS_PATH = "/api/messages"
LIVE_PATH = "/health/live"
