/** The append-only log, newest first, and whether its chain of hashes holds. */

import { api } from "../api/client";
import type { AuditEntry, Person } from "../api/types";
import { dayAndTime } from "../shared/times";
import { Pretty } from "./Pretty";
import { useFetched } from "./useFetched";

interface Props {
  people: Person[];
  version: number;
  zone: string;
}

export function AuditTrail({ people, version, zone }: Props) {
  const { answer, problem } = useFetched(api.audit, version);
  if (problem) return <p className="problem">{problem}</p>;
  if (!answer) return null;
  const name = (key: string | null) => (key === null ? "the liaison" : (people.find((person) => person.key === key)?.name ?? key));
  return (
    <>
      <p className="drawer-note">
        {answer.entries.length} entries. {answer.verified ? "The chain of hashes is whole." : "The chain of hashes is broken."} Nothing of a
        pulse’s answers is ever in here.
      </p>
      <ol className="drawer-list">
        {[...answer.entries].reverse().map((entry) => (
          <li key={entry.number}>
            <details>
              <summary>
                <span className="drawer-number">{entry.number}</span> <time dateTime={entry.at}>{dayAndTime(entry.at, zone)}</time>{" "}
                <strong>{entry.action}</strong> <span>{name(entry.actor)}</span>
              </summary>
              <Pretty label={`Entry ${entry.number}`} value={more(entry)} />
            </details>
          </li>
        ))}
      </ol>
    </>
  );
}

function more(entry: AuditEntry): unknown {
  const { number: _number, at: _at, actor: _actor, action: _action, ...rest } = entry;
  return rest;
}
