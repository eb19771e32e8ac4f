"""The questions about Slack's and Microsoft's tokens, asked of the platforms themselves where they answer."""

from collections.abc import Callable, Mapping

from alliance.roster import Platform
from bot.setting_up import checks
from bot.setting_up.calls import Said, microsoft_says, slack_says
from bot.setting_up.checks import Check, NotGood
from bot.setting_up.interview import Interview
from bot.settings import PREFIX


class Connections:
    """`workspaces` is what was learnt on the way: the workspace or tenant of each platform."""

    def __init__(self, interview: Interview, before: Mapping[str, str], *, offline: bool) -> None:
        self._interview = interview
        self._before = before
        self._offline = offline
        self.workspaces: dict[Platform, str] = {}

    def slack(self, *, socket_mode: bool) -> dict[str, str]:
        """Ask for Slack's tokens; what is left empty can be filled in later."""
        self._interview.say(
            "",
            "Slack shows the tokens once the app is made: liaison manifest slack. Leave them empty until then.",
            "They are not shown while you paste them.",
        )
        settings = {"SLACK_BOT_TOKEN": self._hidden("SLACK_BOT_TOKEN", "Bot token (xoxb-…)?", self._bot_token)}
        if socket_mode:
            words, check = "App-level token (xapp-…)?", checks.token("xapp-")
            settings["SLACK_APP_TOKEN"] = self._hidden("SLACK_APP_TOKEN", words, check)
        else:
            settings["SLACK_SIGNING_SECRET"] = self._hidden("SLACK_SIGNING_SECRET", "Signing secret?", checks.secret)
        return {PREFIX + name: value for name, value in settings.items()}

    def teams(self) -> dict[str, str]:
        """Ask for the registration at Microsoft; what is left empty can be filled in later."""
        self._interview.say("", "Teams. Entra shows these under App registrations. Leave them empty until then.")
        app_id = self._shown("TEAMS_APP_ID", "Application (client) id?", checks.guid("An application id"))
        tenant = self._shown("TEAMS_TENANT_ID", "Directory (tenant) id?", checks.guid("A tenant id"))

        def password(text: str) -> str:
            secret = checks.secret(text)
            self._prove(lambda: microsoft_says(app_id, secret, tenant), bool(app_id and secret and tenant))
            return secret

        held = self._hidden("TEAMS_APP_PASSWORD", "Client secret (its value)?", password)
        if tenant:
            self.workspaces[Platform.TEAMS] = tenant
        settings = {"TEAMS_APP_ID": app_id, "TEAMS_TENANT_ID": tenant, "TEAMS_APP_PASSWORD": held}
        return {PREFIX + name: value for name, value in settings.items()}

    def _bot_token(self, text: str) -> str:
        token = checks.token("xoxb-")(text)
        said = self._prove(lambda: slack_says(token), bool(token))
        if said is not None and said.team_id:
            self.workspaces[Platform.SLACK] = said.team_id
        return token

    def _prove(self, asked: Callable[[], Said], is_there: bool) -> Said | None:  # noqa: FBT001 - said at the call
        """Ask the platform, unless there is nothing to ask about; a refusal is an answer that will not do."""
        if self._offline or not is_there:
            return None
        said = asked()
        if said.refused:
            raise NotGood(said.words)
        self._interview.say(f"  {said.words}")
        return said

    def _hidden(self, name: str, words: str, check: Check) -> str:
        variable = PREFIX + name
        return self._interview.ask(variable, words, check, default=self._before.get(variable, ""), hidden=True)

    def _shown(self, name: str, words: str, check: Check) -> str:
        variable = PREFIX + name
        return self._interview.ask(variable, words, check, default=self._before.get(variable, ""))
