"""Slack pulse answers: signed HTTP in, verified, stored durably, shown to the person, acknowledged."""

from functools import partial

from bench.answering import CONNECTIONS, answering
from bench.figure import Figure, ratio_at_least
from bench.presses import slack_answers
from bench.servers import Store

FIGURES = tuple(
    Figure(
        name=f"slack-answers-{store.lower()}",
        title=f"Slack pulse answers on {store}, one process, {CONNECTIONS} connections",
        unit="/s",
        against="a bare slack-bolt AsyncApp that acknowledges",
        must=ratio_at_least(0.4),
        measuring=partial(
            answering, store, lambda places, here: slack_answers(places, here.far_url), "bench.bare_slack"
        ),
    )
    for store in Store
)
