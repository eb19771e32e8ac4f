/** Whom you play at a company: everybody there, with tier, zone, unread messages and how they answer by themselves. */

import { useEffect, useId, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { api, sentence } from "../api/client";
import type { Character, Person, State } from "../api/types";
import { announce } from "../shared/announce";
import { Face, Unread, unreadOf } from "../shared/looks";
import { city } from "../shared/times";

interface Props {
  people: Person[];
  characters: State["characters"];
  chosen: Person;
  onChoose: (person: Person) => void;
}

export function PeoplePicker({ people, characters, chosen, onChoose }: Props) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const waiting = people.filter((person) => person.key !== chosen.key && unreadOf(person) > 0).length;

  useEffect(() => {
    if (!isOpen) return;
    frame.current?.querySelector<HTMLElement>("[aria-pressed=true]")?.focus();
    const leave = (event: PointerEvent) => {
      const pressed = event.target as Node;
      if (!frame.current?.contains(pressed) && !opener.current?.contains(pressed)) setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    return () => document.removeEventListener("pointerdown", leave);
  }, [isOpen]);

  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else move(event, frame.current);
  };

  return (
    <div className="people">
      <button ref={opener} type="button" className="people-opener" aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
        <Face author={chosen.key} name={chosen.name} />
        <span className="people-who">
          <span>
            <span className="only-heard">You play </span>
            {chosen.name}
          </span>
          <small>{about(chosen)}</small>
        </span>
        {waiting > 0 && (
          <span className="people-waiting" title={`${waiting} others have unread messages`}>
            <span aria-hidden="true">+{waiting}</span>
            <span className="only-heard">, {waiting} others have unread messages</span>
          </span>
        )}
        <span className="chevron" aria-hidden="true" />
      </button>
      <div ref={frame} id={id} className="people-panel" role="group" aria-label="Choose whom you play" hidden={!isOpen} onKeyDown={onKeyDown}>
        {isOpen && (
          <ul>
            {people.map((person) => (
              <Row
                key={person.key}
                person={person}
                characters={characters}
                isChosen={person.key === chosen.key}
                onChoose={() => {
                  onChoose(person);
                  close();
                }}
              />
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

interface RowProps {
  person: Person;
  characters: State["characters"];
  isChosen: boolean;
  onChoose: () => void;
}

function Row({ person, characters, isChosen, onChoose }: RowProps) {
  const become = (character: Character) => {
    api.become(person.key, character).then(
      () => announce(`${person.name} is ${character} now.`),
      (error: unknown) => announce(sentence(error)),
    );
  };
  return (
    <li>
      <button type="button" className="people-row" aria-pressed={isChosen} data-person={person.key} onClick={onChoose}>
        <Face author={person.key} name={person.name} />
        <span className="people-who">
          <span>{person.name}</span>
          <small>
            {about(person)}
            {person.is_played && " · played by you"}
          </small>
        </span>
        <Unread count={unreadOf(person)} />
      </button>
      <select
        aria-label={`How ${person.name} answers without you`}
        title={characters.find((one) => one.key === person.character)?.says}
        value={person.character}
        onChange={(event) => become(event.target.value as Character)}
      >
        {characters.map(({ key, says }) => (
          <option key={key} value={key} title={says}>
            {key}
          </option>
        ))}
      </select>
    </li>
  );
}

function about(person: Person): string {
  return `${person.tier} · ${city(person.zone)}`;
}

function move(event: KeyboardEvent, frame: HTMLElement | null): void {
  if (!frame || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
  const rows = [...frame.querySelectorAll<HTMLElement>(".people-row")];
  const at = rows.findIndex((row) => row === document.activeElement);
  if (at < 0) return;
  event.preventDefault();
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key] ?? at;
  rows[Math.max(0, Math.min(to, rows.length - 1))]?.focus();
}
