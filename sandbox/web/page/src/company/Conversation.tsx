/** The messages of one conversation; it follows new ones, unless somebody has scrolled up to read. */

import { useCallback, useEffect, useRef, useState } from "react";
import type { Message, Outcome, Person, Place, PlaceName } from "../api/types";
import { announce } from "../shared/announce";
import { LIAISON } from "../shared/looks";
import { MessageView } from "./MessageView";
import { daysOf } from "./threads";
import type { Thread } from "./threads";
import { useFollowing } from "./useFollowing";

const REPLIES_IN_SIGHT = 3;

interface Props {
  label: string;
  place: Place;
  person: Person;
  people: Person[];
  onOutcome: (outcome: Outcome) => void;
}

export function Conversation({ label, place, person, people, onOutcome }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const where = `${place.person}/${place.place}`;
  const latest = place.messages.at(-1);
  const following = useFollowing(frame, {
    where,
    latest: latest?.id ?? "",
    isForMe: latest?.author === person.key || latest?.is_private === true,
    staysAtTop: place.place === "home",
  });
  useNews(where, place.messages, person);

  const followOn = useRef(following.followOn);
  followOn.current = following.followOn;
  // Whoever has pressed something at the end wants to see what it brought.
  const onAnswer = useCallback(
    (outcome: Outcome) => {
      if (outcome.ok) followOn.current();
      onOutcome(outcome);
    },
    [onOutcome],
  );

  return (
    <div
      ref={frame}
      className="conversation"
      role="region"
      aria-label={label}
      tabIndex={0}
      onScroll={following.onScroll}
      onFocus={following.onFocus}
    >
      <div>
        {place.messages.length === 0 && <Empty place={place.place} person={person} />}
        {daysOf(place.messages, person.zone).map((day, index) => (
          <div key={`${day.name}${index}`}>
            {place.place !== "home" && (
              <h4 className="day">
                <span>{day.name}</span>
              </h4>
            )}
            {day.threads.map((thread) => (
              <ThreadView key={thread.root.id} {...{ thread, person, people }} place={place.place} onOutcome={onAnswer} />
            ))}
          </div>
        ))}
      </div>
      {following.isMoreBelow && (
        <button type="button" className="strong more-below" onClick={following.follow}>
          New messages below
        </button>
      )}
    </div>
  );
}

interface ThreadProps {
  thread: Thread;
  person: Person;
  people: Person[];
  place: PlaceName;
  onOutcome: (outcome: Outcome) => void;
}

function ThreadView({ thread, ...rest }: ThreadProps) {
  const [isOpen, setOpen] = useState(false);
  const hidden = isOpen ? 0 : Math.max(0, thread.replies.length - REPLIES_IN_SIGHT);
  return (
    <>
      <MessageView message={thread.root} {...rest} />
      {thread.replies.length > 0 && (
        <div className="thread" role="group" aria-label={`Thread, ${count(thread.replies.length)}`}>
          {thread.replies.length > REPLIES_IN_SIGHT && (
            <button type="button" className="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {isOpen ? "Show the latest replies only" : `Show ${count(hidden, "earlier ")}`}
            </button>
          )}
          {thread.replies.slice(hidden).map((reply) => (
            <MessageView key={reply.id} message={reply} {...rest} />
          ))}
        </div>
      )}
    </>
  );
}

function count(replies: number, which = ""): string {
  return replies === 1 ? `1 ${which}reply` : `${replies} ${which}replies`;
}

function Empty({ place, person }: { place: PlaceName; person: Person }) {
  const first = person.name.split(" ")[0];
  const words =
    place === "home"
      ? person.platform === "teams"
        ? `${first} has no home card yet. In the chat with the liaison, say “home”.`
        : `${first}’s Home is empty so far. It fills as the alliance begins.`
      : place === "dm"
        ? `Nothing has been said here yet. Say “help”, or let the clock go on.`
        : "Nothing has been said in the channel yet.";
  return <p className="empty">{words}</p>;
}

/** Let a screen reader hear what arrives while somebody looks at a conversation. */
function useNews(where: string, messages: Message[], person: Person): void {
  const known = useRef<{ where: string; ids: Set<string> } | null>(null);
  useEffect(() => {
    const before = known.current;
    known.current = { where, ids: new Set(messages.map((message) => message.id)) };
    if (before?.where !== where) return;
    const fresh = messages.filter((message) => message.author === LIAISON && !before.ids.has(message.id));
    const [first] = fresh;
    if (!first) return;
    const more = fresh.length > 1 ? `, and ${fresh.length - 1} more` : "";
    announce(`New for ${person.name}: ${first.text || (first.teams?.summary ?? "")}${more}`);
  }, [where, messages, person]);
}
