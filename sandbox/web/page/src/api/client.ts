/** One function for each thing that the page asks of its server; a refusal carries the server's sentence. */

import type { Act, Audit, Character, Clock, Outcome, Person, Place, PlaceName, PlatformRequest, State, Step } from "./types";

export class Refused extends Error {
  constructor(
    readonly status: number,
    sentence: string,
  ) {
    super(sentence);
  }
}

const UNREACHABLE = "The demo does not answer. Is “liaison demo” still running in the terminal?";

async function ask<Answer>(path: string, body?: unknown): Promise<Answer> {
  const init: RequestInit =
    body === undefined
      ? {}
      : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new Refused(0, UNREACHABLE);
  }
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new Refused(response.status, sentenceOf(answer));
  return answer as Answer;
}

function sentenceOf(answer: unknown): string {
  const said = (answer as { error?: unknown } | null)?.error;
  return typeof said === "string" ? said : "The demo could not do that. Nothing was lost; please try again.";
}

export const api = {
  state: () => ask<State>("/api/state"),
  place: (person: string, place: PlaceName) =>
    ask<Place>(`/api/places/${encodeURIComponent(person)}/${encodeURIComponent(place)}`),
  audit: () => ask<Audit>("/api/audit?after=0"),
  requests: () => ask<{ requests: PlatformRequest[] }>("/api/requests?after=0"),
  step: (step: Step) => ask<Clock>("/api/clock", { step }),
  play: (playing: boolean) => ask<Clock>("/api/clock", { playing }),
  letTeammatesAnswer: (teammates: boolean) => ask<Clock>("/api/clock", { teammates }),
  become: (person: string, character: Character) =>
    ask<Person>(`/api/people/${encodeURIComponent(person)}`, { character }),
  act: (act: Act) => ask<Outcome>("/api/acts", act),
};

export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
