"""Teams pulse answers: signed token in, validated, stored durably, invoke response."""

from functools import partial

from bench.answering import CONNECTIONS, answering
from bench.figure import Figure, ratio_at_least
from bench.presses import teams_answers
from bench.servers import Store

OF_BASELINE = 300
"""Requests in a round of the baseline, which needs some milliseconds for each."""

FIGURES = tuple(
    Figure(
        name=f"teams-answers-{store.lower()}",
        title=f"Teams pulse answers on {store}, one process, {CONNECTIONS} connections",
        unit="/s",
        against="an echo bot on the stock CloudAdapter, mended, without storage",
        must=ratio_at_least(4),
        measuring=partial(
            answering,
            store,
            lambda places, here: teams_answers(places, here.key, here.service_url),
            "bench.bare_teams",
            of_baseline=OF_BASELINE,
        ),
    )
    for store in Store
)
