/** Where a person writes to the liaison. */

import { useId, useState } from "react";
import type { FormEvent, KeyboardEvent } from "react";
import { api, sentence } from "../api/client";
import type { Outcome, Person, PlaceName } from "../api/types";
import { discard, useDraft, write } from "../shared/drafts";

interface Props {
  person: Person;
  place: "dm" | "channel";
  onOutcome: (outcome: Outcome) => void;
}

const TEXT = "text";

export function Composer({ person, place, onOutcome }: Props) {
  const id = useId();
  const key = composerKey(person, place);
  const text = useDraft(key)[TEXT] ?? "";
  const [isBusy, setBusy] = useState(false);

  const send = async () => {
    const said = text.trim();
    if (!said || isBusy) return;
    setBusy(true);
    try {
      const outcome = await api.act({ as: person.key, kind: "say", place, text: said });
      discard(key);
      onOutcome(outcome);
    } catch (error) {
      onOutcome({ ok: false, text: sentence(error), errors: {}, dialog: null });
    } finally {
      setBusy(false);
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void send();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };

  return (
    <form className="composer" onSubmit={onSubmit}>
      <label className="only-heard" htmlFor={id}>
        {place === "dm" ? `Message to the liaison, as ${person.name}` : `Message to the channel, as ${person.name}`}
      </label>
      <textarea
        id={id}
        rows={1}
        value={text}
        placeholder={hint(person, place)}
        onChange={(event) => write(key, TEXT, event.target.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" aria-disabled={isBusy || !text.trim()}>
        Send
      </button>
    </form>
  );
}

/** Put words before somebody, for them to send or change. */
export function suggest(person: Person, place: PlaceName, words: string): void {
  write(composerKey(person, place), TEXT, words);
}

function composerKey(person: Person, place: PlaceName): string {
  return `${person.key}/${place}/composer`;
}

function hint(person: Person, place: "dm" | "channel"): string {
  if (person.platform === "slack") return place === "dm" ? "Message the liaison, or /alliance help" : "/alliance help";
  return place === "dm" ? "Message the liaison: try help" : "@liaison help";
}
