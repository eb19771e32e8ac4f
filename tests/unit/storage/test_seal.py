"""Secrets at rest: only a key opens them, and keys can be replaced without losing any."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import seal as sealing
from storage.seal import CannotUnseal, Seal

OLD, NEW = "the first key of all", "a second key in use"


@given(st.text(max_size=200))
def test_what_was_closed_is_opened_as_it_was(secret: str) -> None:
    assert Seal(OLD).open(Seal(OLD).close(secret)) == secret


def test_what_is_sealed_neither_shows_nor_repeats_itself() -> None:
    first, second = Seal(OLD).close("xoxb-secret"), Seal(OLD).close("xoxb-secret")

    assert "xoxb" not in first
    assert first != second


@pytest.mark.parametrize(
    "sealed", ["", "xoxb-secret", "gAAAAA", Seal(NEW).close("x")], ids=["none", "plain", "cut", "other"]
)
def test_what_no_key_fits_says_what_to_do(sealed: str) -> None:
    with pytest.raises(CannotUnseal, match="put the former key back, after the new one"):
        Seal(OLD).open(sealed)


def test_a_changed_character_is_noticed() -> None:
    sealed = Seal(OLD).close("xoxb-secret")
    changed = sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:]

    with pytest.raises(CannotUnseal):
        Seal(OLD).open(changed)


def test_a_key_is_replaced_in_three_steps() -> None:
    sealed = Seal(OLD).close("xoxb-secret")

    both = Seal(f" {NEW} , {OLD} ,")
    assert both.open(sealed) == "xoxb-secret"
    renewed = both.renew(sealed)

    assert Seal(NEW).open(renewed) == "xoxb-secret"
    with pytest.raises(CannotUnseal):
        Seal(OLD).open(renewed)


@pytest.mark.parametrize("key", ["", ",", "short", f"{NEW},short"])
def test_a_key_that_could_be_guessed_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="at least 16 characters"):
        Seal(key)


async def test_what_many_ask_for_stays_open_for_a_moment_and_is_forgotten_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "FOR_NOW", 0.0)
    seal = Seal(OLD)
    forgotten = asyncio.get_running_loop().create_future()

    assert seal.open_for_now(seal.close("of a round")) == "of a round"
    assert "of a round" in str(vars(seal))
    asyncio.get_running_loop().call_later(0.0, forgotten.set_result, None)  # after the seal's own
    await forgotten

    assert "of a round" not in str(vars(seal))
