/** One conversation of one person: what is said there, what the liaison answered, and the dialog that it opened. */

import { useCallback, useEffect, useState } from "react";
import { api } from "../api/client";
import type { Company, Dialog, Outcome, Person, PlaceName, State } from "../api/types";
import { usePlace } from "../api/usePlace";
import { PlatformDialog } from "../dialog/PlatformDialog";
import { announce } from "../shared/announce";
import { tabId } from "../shared/Tabs";
import { Composer } from "./Composer";
import { Conversation } from "./Conversation";
import { placeLabel } from "./PlaceTabs";

interface Props {
  /** The id that the tabs call it by. */
  panel: string;
  state: State;
  person: Person;
  place: PlaceName;
  version: number;
}

export function Chat({ panel, state, person, place, version }: Props) {
  const { place: shown, problem } = usePlace(person.key, place, version);
  const [notice, setNotice] = useState<{ text: string; ok: boolean } | null>(null);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const { people } = state;
  const latest = shown === null ? null : (shown.messages.at(-1)?.id ?? "");

  // Looking at a conversation reads it; what arrives while it is open is read at once.
  useEffect(() => {
    if (latest !== null) api.act({ as: person.key, kind: "open", place }).catch(() => undefined);
  }, [person.key, place, latest]);

  useEffect(() => setNotice(null), [person.key, place, state.clock.now]);
  useEffect(() => {
    if (shown) setDialog(shown.dialogs.at(-1) ?? null);
  }, [shown]);

  const onOutcome = useCallback((outcome: Outcome) => {
    setDialog(outcome.dialog);
    setNotice(outcome.text ? { text: outcome.text, ok: outcome.ok } : null);
    if (outcome.text) announce(outcome.text);
  }, []);
  const onSubmitted = useCallback(
    (outcome: Outcome) => {
      if (outcome.ok && dialog && outcome.dialog?.id !== dialog.id) setClosed((ids) => new Set(ids).add(dialog.id));
      if (outcome.ok || outcome.dialog) onOutcome(outcome);
    },
    [dialog, onOutcome],
  );
  // Slack's private answers stand in the conversation already.
  const isSaid = shown?.messages.some((message) => message.is_private && message.text === notice?.text);
  const isDialogOpen = dialog !== null && !closed.has(dialog.id);
  const label = `${placeLabel(place, person)}, as ${person.name} sees it`;

  return (
    <div
      id={panel}
      className="company-panel"
      role="tabpanel"
      aria-labelledby={tabId(panel, place)}
      data-person={shown ? person.key : ""}
    >
      <h3 className="only-heard">{label}</h3>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {shown ? (
        <Conversation label={label} place={shown} person={person} people={people} onOutcome={onOutcome} />
      ) : (
        <div className="conversation" />
      )}
      {notice && !isSaid && <Notice {...notice} platform={person.platform} onDismiss={() => setNotice(null)} />}
      {place !== "home" && <Composer person={person} place={place} onOutcome={onOutcome} />}
      {isDialogOpen && (
        <PlatformDialog
          key={dialog.id}
          dialog={dialog}
          person={person}
          people={people}
          onOutcome={onSubmitted}
          onClosed={() => setClosed((ids) => new Set(ids).add(dialog.id))}
        />
      )}
    </div>
  );
}

interface NoticeProps {
  text: string;
  ok: boolean;
  platform: Company["platform"];
  onDismiss: () => void;
}

function Notice({ text, ok, platform, onDismiss }: NoticeProps) {
  return (
    <div className={`notice${ok ? "" : " is-refused"}`} data-testid="notice">
      <div>
        {platform === "slack" && <small>Only visible to you</small>}
        <p>{text}</p>
      </div>
      <button type="button" className="quiet" onClick={onDismiss}>
        Dismiss
      </button>
    </div>
  );
}
