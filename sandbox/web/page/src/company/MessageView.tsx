/** One message in the look of its platform, with what a person can do in it. */

import { memo, useEffect, useRef, useState } from "react";
import { api, sentence } from "../api/client";
import type { Inputs, Message, Outcome, Person, PlaceName } from "../api/types";
import { discard } from "../shared/drafts";
import { Face } from "../shared/looks";
import { time } from "../shared/times";
import { SlackBlocks } from "../slack/SlackBlocks";
import { TeamsCard } from "../teams/TeamsCard";

const NO_ERRORS: Inputs = {};

interface Props {
  message: Message;
  person: Person;
  people: Person[];
  place: PlaceName;
  onOutcome: (outcome: Outcome) => void;
}

export const MessageView = memo(function MessageView({ message, person, people, place, onOutcome }: Props) {
  const [errors, setErrors] = useState<Inputs>(NO_ERRORS);
  const [isBusy, setBusy] = useState(false);
  const frame = useRef<HTMLElement>(null);
  const wasPressed = useRef(false);
  const draftKey = `${person.key}/${message.id}`;

  // A pressed button often vanishes: whoever uses the keyboard then goes on from the message.
  useEffect(() => {
    if (!wasPressed.current || isBusy) return;
    wasPressed.current = false;
    if (document.activeElement === document.body) frame.current?.focus();
  }, [isBusy, message]);

  const press = async (token: string, inputs: Inputs) => {
    if (isBusy) return;
    wasPressed.current = true;
    setBusy(true);
    try {
      const outcome = await api.act({ as: person.key, kind: "press", place, message: message.id, token, inputs });
      setErrors(outcome.ok ? NO_ERRORS : outcome.errors);
      if (outcome.ok && outcome.dialog === null) discard(draftKey);
      onOutcome(outcome);
    } catch (error) {
      onOutcome({ ok: false, text: sentence(error), errors: NO_ERRORS, dialog: null });
    } finally {
      setBusy(false);
    }
  };

  const body = <Body {...{ message, person, people, draftKey, errors, isBusy, press }} />;
  if (place === "home") {
    return (
      <article ref={frame} className="message" tabIndex={-1} data-message={message.id} aria-label="Home" aria-busy={isBusy}>
        <div className="message-said">{body}</div>
      </article>
    );
  }
  return (
    <article
      ref={frame}
      className={`message${message.is_private ? " is-private" : ""}`}
      tabIndex={-1}
      data-message={message.id}
      aria-label={`${message.name}, ${time(message.at, person.zone)}${message.is_private ? ", only visible to you" : ""}`}
      aria-busy={isBusy}
    >
      <Face author={message.author} name={message.name} />
      <div className="message-said">
        <header>
          <strong>{message.name}</strong>
          {message.author === "liaison" && <span className="app-mark">App</span>}
          <time dateTime={message.at}>{time(message.at, person.zone)}</time>
          {message.edited_at && <span className="edited">edited</span>}
          {message.is_private && <span className="private">Only visible to you</span>}
        </header>
        {body}
      </div>
    </article>
  );
}, same);

/** The server sends new objects each time: a message is drawn again only when it says something else. */
function same(before: Props, after: Props): boolean {
  return (
    before.person.key === after.person.key &&
    before.place === after.place &&
    before.onOutcome === after.onOutcome &&
    JSON.stringify(before.message) === JSON.stringify(after.message)
  );
}

interface BodyProps {
  message: Message;
  person: Person;
  people: Person[];
  draftKey: string;
  errors: Inputs;
  isBusy: boolean;
  press: (token: string, inputs: Inputs) => Promise<void>;
}

function Body({ message, person, people, press, ...rest }: BodyProps) {
  const onPress = (token: string, inputs: Inputs) => void press(token, inputs);
  if (message.slack) {
    return <SlackBlocks blocks={message.slack.blocks} zone={person.zone} people={people} onPress={onPress} {...rest} />;
  }
  if (message.teams?.card) return <TeamsCard card={message.teams.card} zone={person.zone} onPress={onPress} {...rest} />;
  return <p className="said-plainly">{message.text}</p>;
}
