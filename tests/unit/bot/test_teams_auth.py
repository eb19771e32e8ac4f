"""Who may speak as Teams: every forgery is refused, every honest token passes, rotation needs no restart."""

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import jwt
import pytest

from bot.teams.auth import Refused, TeamsTokenCheck
from sandbox.clock import MovableClock
from sandbox.teams import KeyRole, TeamsStandIn, TokenOverrides
from tests.fakes.teams_bot import APP_ID, HOME, MONDAY, PASSWORD
from tests.fakes.teams_keys import keys_made_before

MINUTE = dt.timedelta(minutes=1)


class Door:
    """The stand-in that signs, and a check that reads its published keys."""

    def __init__(self, teams: TeamsStandIn, clock: MovableClock, session: aiohttp.ClientSession) -> None:
        self.teams = teams
        self.clock = clock
        self.session = session
        self.check = self.make_check()

    def make_check(self, openid: str | None = None, **more: Any) -> TeamsTokenCheck:
        url = openid or f"{self.teams.base_url}/v1/.well-known/openidconfiguration"
        return TeamsTokenCheck(APP_ID, url, self.session, self.clock, **more)

    def token(self, overrides: TokenOverrides, service_url: str | None = None) -> str | None:
        return self.teams.keys.activity_token(
            app_id=APP_ID,
            service_url=service_url or self.teams.service_url,
            now=self.clock.now(),
            overrides=overrides,
        )

    def activity(self, **more: Any) -> dict[str, Any]:
        return {"channelId": "msteams", "serviceUrl": self.teams.service_url, **more}

    async def enter(
        self,
        overrides: TokenOverrides | None = None,
        activity: Mapping[str, Any] | None = None,
        check: TeamsTokenCheck | None = None,
    ) -> None:
        """Come with a token and an activity; Refused when the door stays shut."""
        token = self.token(overrides or {})
        header = "" if token is None else f"Bearer {token}"
        await (check or self.check).check(header, activity or self.activity())

    async def refusal(
        self, overrides: TokenOverrides | None = None, activity: Mapping[str, Any] | None = None
    ) -> tuple[int, str]:
        with pytest.raises(Refused) as refused:
            await self.enter(overrides, activity)
        return refused.value.status, refused.value.reason


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    clock = MovableClock(MONDAY)
    teams = TeamsStandIn(
        clock=clock, app_id=APP_ID, app_password=PASSWORD, home_tenant_id=HOME, keys=keys_made_before()
    )
    async with teams, aiohttp.ClientSession() as session:
        yield Door(teams, clock, session)


FORGERIES: list[tuple[TokenOverrides, tuple[int, str]]] = [
    ({"token": None}, (401, "no token")),
    ({"token": ""}, (401, "no token")),
    ({"token": "not.a.token"}, (401, "unreadable token")),
    ({"token": "schlüssel"}, (401, "unreadable token")),
    ({"audience": "another-app"}, (401, "token for another app")),
    ({"audience": None}, (401, "claim missing")),
    ({"issuer": "https://sts.windows.net/evil/"}, (401, "wrong issuer")),
    ({"issuer": None}, (401, "claim missing")),
    ({"service_url": "https://smba.trafficmanager.net/emea/"}, (403, "token for another service address")),
    ({"service_url": None}, (403, "token for another service address")),
    ({"key": KeyRole.UNENDORSED}, (403, "key not endorsed for Teams")),
    ({"key": KeyRole.UNKNOWN}, (401, "unknown key")),
    ({"key": KeyRole.UNKNOWN, "kid": "current-0"}, (401, "bad signature")),
    ({"kid": None}, (401, "unknown key")),
    ({"algorithm": "none"}, (401, "wrong algorithm")),
    ({"algorithm": "HS256"}, (401, "wrong algorithm")),
    ({"algorithm": "RS512"}, (401, "wrong algorithm")),
    ({"expires_at": None}, (401, "claim missing")),
    ({"expires_at": MONDAY - 6 * MINUTE}, (401, "expired")),
    ({"not_before": MONDAY + 6 * MINUTE}, (401, "not valid yet")),
]


async def test_an_honest_token_passes(door: Door) -> None:
    await door.enter()


@pytest.mark.parametrize(("forged", "refusal"), FORGERIES, ids=[repr(forged) for forged, _ in FORGERIES])
async def test_a_forged_token_is_refused(door: Door, forged: TokenOverrides, refusal: tuple[int, str]) -> None:
    assert await door.refusal(forged) == refusal


async def test_clocks_may_differ_by_five_minutes(door: Door) -> None:
    await door.enter({"expires_at": MONDAY - 4 * MINUTE})
    await door.enter({"not_before": MONDAY + 4 * MINUTE})


@pytest.mark.parametrize("channel", ["emulator", "webchat", "", None, ["msteams"]])
async def test_another_channel_is_refused_whatever_signed_it(door: Door, channel: object) -> None:
    refusal = await door.refusal({}, door.activity(channelId=channel))

    assert refusal == (403, "wrong channel")


async def test_an_activity_without_channel_is_refused(door: Door) -> None:
    assert await door.refusal({}, {"serviceUrl": door.teams.service_url}) == (403, "wrong channel")


@pytest.mark.parametrize(
    "url",
    [
        None,
        7,
        "",
        "http://[broken",
        "http://127.0.0.1:99999/",
        "ftp://smba.trafficmanager.net/",
        "http://smba.trafficmanager.net/teams/",
        "https://smba.trafficmanager.net:8443/teams/",
        "https://smba.trafficmanager.net@evil.example/",
        "https://user@smba.trafficmanager.net/",
        "https://smba.trafficmanager.net.evil.example/",
        "https://evilbotframework.com/",
        "https://evil.example/",
    ],
)
async def test_answers_go_to_no_address_but_those_of_teams(door: Door, url: object) -> None:
    honest: TokenOverrides = {"service_url": url} if isinstance(url, str) else {}

    refusal = await door.refusal(honest, door.activity(serviceUrl=url))

    assert refusal == (403, "unknown service address")


@pytest.mark.parametrize(
    "url",
    [
        "https://smba.trafficmanager.net/emea/",
        "https://europe.api.botframework.com/",
        "https://smba.infra.gcc.teams.microsoft.com/teams",
    ],
)
async def test_the_addresses_of_teams_are_known(door: Door, url: str) -> None:
    await door.enter({"service_url": url}, door.activity(serviceUrl=url))


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/teams/", "http://localhost:3979", "http://[::1]:3979/"])
async def test_keys_of_this_machine_vouch_for_all_of_this_machine(door: Door, url: str) -> None:
    await door.enter({"service_url": url}, door.activity(serviceUrl=url))


@pytest.mark.parametrize("name", ["serviceurl", "serviceUrl"])
async def test_the_signed_address_counts_however_its_claim_and_its_end_are_written(door: Door, name: str) -> None:
    claims = {
        "iss": "https://api.botframework.com",
        "aud": APP_ID,
        name: "https://smba.trafficmanager.net/emea",
        "exp": (MONDAY + 60 * MINUTE).timestamp(),
    }
    key = door.teams.keys.get(KeyRole.CURRENT)
    token = jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid})

    await door.check.check(f"Bearer {token}", door.activity(serviceUrl="https://smba.trafficmanager.net/emea/"))
    with pytest.raises(Refused, match="another service address"):
        await door.check.check(f"Bearer {token}", door.activity(serviceUrl="https://smba.trafficmanager.net/amer/"))


async def test_keys_of_microsoft_vouch_for_no_address_on_this_machine(door: Door) -> None:
    real = door.make_check("https://login.botframework.com/v1/.well-known/openidconfiguration")

    with pytest.raises(Refused, match="unknown service address"):
        await door.enter(check=real)


# --- keys ---------------------------------------------------------------------------------------------


async def test_keys_are_read_once_for_many_tokens(door: Door) -> None:
    for minute in range(3):
        await door.enter({"expires_at": MONDAY + (60 + minute) * MINUTE})

    assert door.teams.counts["keys"] == 1


async def test_a_new_key_is_known_without_a_restart(door: Door) -> None:
    await door.enter()
    door.teams.rotate_keys()

    await door.enter()

    assert door.teams.counts["keys"] == 2


async def test_a_withdrawn_key_is_good_for_nothing_once_the_new_ones_are_known(door: Door) -> None:
    old = door.token({})
    await door.check.check(f"Bearer {old}", door.activity())
    door.teams.rotate_keys()
    await door.enter()

    with pytest.raises(Refused, match="unknown key"):
        await door.check.check(f"Bearer {old}", door.activity())


async def test_made_up_key_ids_do_not_make_us_ask_in_a_rush(door: Door) -> None:
    for number in range(20):
        assert await door.refusal({"kid": f"made-up-{number}"}) == (401, "unknown key")

    assert door.teams.counts["keys"] == 5


async def test_after_a_rush_a_new_key_is_found_again(door: Door) -> None:
    for number in range(20):
        await door.refusal({"kid": f"made-up-{number}"})
    door.teams.rotate_keys()
    door.clock.move_by(5 * MINUTE)

    await door.enter()


async def test_keys_are_read_again_after_a_day(door: Door) -> None:
    await door.enter()
    door.clock.move_by(dt.timedelta(hours=25))

    await door.enter()

    assert door.teams.counts["keys"] == 2


async def test_known_keys_stay_good_while_nobody_publishes_any(door: Door) -> None:
    await door.enter()
    door.clock.move_by(dt.timedelta(hours=25))
    door.teams.fail_next("openid", status=503, times=9)

    await door.enter()


@pytest.mark.parametrize("body", ["<html>", "[]", '{"jwks_uri": 7}', "null"])
async def test_metadata_that_cannot_be_read_lets_nobody_in(door: Door, body: str) -> None:
    door.teams.fail_next("openid", status=200, body=body, times=9)

    assert await door.refusal() == (401, "unknown key")


@pytest.mark.parametrize("body", ['{"keys": [7]}', '{"keys": {}}', "{}", '{"keys": [{"kty": "RSA", "kid": "a"}]}'])
async def test_keys_that_cannot_be_read_let_nobody_in(door: Door, body: str) -> None:
    door.teams.fail_next("keys", status=200, body=body, times=9)

    assert await door.refusal() == (401, "unknown key")


# --- tokens seen before -------------------------------------------------------------------------------


async def test_a_token_seen_before_still_speaks_for_its_own_address_alone(door: Door) -> None:
    token, elsewhere = door.token({}), "https://smba.trafficmanager.net/emea/"
    await door.check.check(f"Bearer {token}", door.activity())

    with pytest.raises(Refused, match="another service address"):
        await door.check.check(f"Bearer {token}", door.activity(serviceUrl=elsewhere))


async def test_a_token_seen_before_expires(door: Door) -> None:
    token = door.token({})
    await door.check.check(f"Bearer {token}", door.activity())
    door.clock.move_by(66 * MINUTE)

    with pytest.raises(Refused, match="expired"):
        await door.check.check(f"Bearer {token}", door.activity())


@pytest.mark.parametrize("value", ["soon", True, [1]])
async def test_an_end_that_is_no_time_is_refused(door: Door, value: object) -> None:
    claims = {
        "iss": "https://api.botframework.com",
        "aud": APP_ID,
        "serviceurl": door.teams.service_url,
        "exp": value,
    }
    key = door.teams.keys.get(KeyRole.CURRENT)
    token = jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid})

    with pytest.raises(Refused, match="401"):
        await door.check.check(f"Bearer {token}", door.activity())


# --- unsigned, on one machine -------------------------------------------------------------------------


async def test_where_unsigned_is_allowed_this_machine_needs_no_token(door: Door) -> None:
    check = door.make_check(allow_unsigned=True)

    await check.check("", door.activity())


async def test_unsigned_never_makes_us_answer_another_machine(door: Door) -> None:
    check = door.make_check(allow_unsigned=True)

    with pytest.raises(Refused, match="unknown service address"):
        await check.check("", door.activity(serviceUrl="https://smba.trafficmanager.net/teams/"))
