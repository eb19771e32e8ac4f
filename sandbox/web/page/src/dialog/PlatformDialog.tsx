/** The dialog that the bot opened for somebody: a Slack modal, or a Teams task module. */

import { useEffect, useRef, useState } from "react";
import type { FormEvent } from "react";
import { api, sentence } from "../api/client";
import type { Dialog, Inputs, Json, Outcome, Person } from "../api/types";
import { announce } from "../shared/announce";
import { discard, useDraft } from "../shared/drafts";
import { filledIn, words } from "../slack/blocks";
import { SlackBlocks } from "../slack/SlackBlocks";
import { TeamsCard } from "../teams/TeamsCard";
import { Modal } from "./Modal";

interface Props {
  dialog: Dialog;
  person: Person;
  people: Person[];
  /** What sending it brought; the dialog stays while `outcome.dialog` or an error says so. */
  onOutcome: (outcome: Outcome) => void;
  onClosed: () => void;
}

export function PlatformDialog({ dialog, person, people, onOutcome, onClosed }: Props) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  const draftKey = `${person.key}/${dialog.id}`;
  const errors = outcome && !outcome.ok ? outcome.errors : dialog.errors;
  const wrong = JSON.stringify(errors);

  useEffect(() => {
    const first = Object.keys(JSON.parse(wrong) as Inputs)[0];
    if (first === undefined) return;
    const field = body.current?.querySelector(`[data-field="${CSS.escape(first)}"]`);
    field?.querySelector<HTMLElement>("input, textarea, select")?.focus();
  }, [wrong]);

  const send = async (act: () => Promise<Outcome>) => {
    if (isBusy) return;
    setBusy(true);
    setProblem(null);
    try {
      const answer = await act();
      setOutcome(answer);
      const isDone = answer.ok && answer.dialog?.id !== dialog.id;
      if (isDone) discard(draftKey);
      if (!answer.ok && Object.keys(answer.errors).length) announce("Something in the dialog needs another look.");
      else if (!answer.ok) setProblem(answer.text);
      onOutcome(answer);
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  const submit = (inputs: Inputs, token?: string) =>
    send(() => api.act({ as: person.key, kind: "submit", dialog: dialog.id, inputs, ...(token ? { token } : {}) }));
  const press = (token: string, inputs: Inputs) =>
    send(() => api.act({ as: person.key, kind: "press", place: "dialog", dialog: dialog.id, token, inputs }));
  const close = () => {
    onClosed();
    void api.act({ as: person.key, kind: "close", dialog: dialog.id }).catch(() => undefined);
  };

  return (
    <Modal title={dialog.title} look={`is-${person.platform}`} onClose={close}>
      <div ref={body} className="modal-body">
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        {dialog.slack && (
          <SlackForm view={dialog.slack.view} {...{ draftKey, errors, isBusy, person, people, press, submit, close }} />
        )}
        {dialog.teams && (
          <TeamsCard
            card={dialog.teams.card}
            zone={person.zone}
            draftKey={draftKey}
            errors={errors}
            isBusy={isBusy}
            onPress={(token, inputs) => void submit(inputs, token)}
          />
        )}
      </div>
    </Modal>
  );
}

interface FormProps {
  view: Json;
  draftKey: string;
  errors: Inputs;
  isBusy: boolean;
  person: Person;
  people: Person[];
  press: (token: string, inputs: Inputs) => Promise<void>;
  submit: (inputs: Inputs) => Promise<void>;
  close: () => void;
}

function SlackForm({ view, draftKey, errors, isBusy, person, people, press, submit, close }: FormProps) {
  const draft = useDraft(draftKey);
  const blocks = (view.blocks ?? []) as Json[];
  const send = (event: FormEvent) => {
    event.preventDefault();
    void submit(filledIn(blocks, draft));
  };
  return (
    <form onSubmit={send} noValidate>
      <SlackBlocks
        blocks={blocks}
        zone={person.zone}
        people={people}
        draftKey={draftKey}
        errors={errors}
        isBusy={isBusy}
        onPress={(token, inputs) => void press(token, inputs)}
      />
      <div className="modal-foot">
        <button type="button" className="slack-button is-plain" onClick={close}>
          {words(view.close) || "Cancel"}
        </button>
        {view.submit !== undefined && view.submit !== null && (
          <button type="submit" className="slack-button is-primary" aria-disabled={isBusy}>
            {words(view.submit)}
          </button>
        )}
      </div>
    </form>
  );
}
