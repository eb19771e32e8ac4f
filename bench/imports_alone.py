"""The baseline of an idle liaison: both frameworks imported and nothing else. Prints 0 for a port, and waits."""

import sys

import botbuilder.core.teams  # noqa: F401 - only to be there
import slack_bolt.async_app  # noqa: F401 - only to be there

from bench.listening import tell_port

if __name__ == "__main__":
    tell_port(0)
    sys.stdin.readline()
    sys.stdin.readline()
