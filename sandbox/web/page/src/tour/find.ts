/** Find the person and the message that a step of the tour is about. */

import { api } from "../api/client";
import type { CompanyKey, Person, PlaceName, State } from "../api/types";
import { other } from "./steps";
import type { Stop } from "./steps";

export interface Found {
  company: CompanyKey;
  person: Person;
  place: PlaceName;
  message: string | null;
}

/** Look with the people of the stop's tiers, whoever is played there first; the first of them when nobody has it. */
export async function find(stop: Stop, mine: CompanyKey, state: State, played: Record<CompanyKey, string>): Promise<Found | null> {
  const company = stop.side === "mine" ? mine : other(mine);
  const candidates = stop.tiers
    .flatMap((tier) => state.people.filter((person) => person.company === company && person.tier === tier))
    .sort((a, b) => Number(b.key === played[company]) - Number(a.key === played[company]));
  for (const person of candidates) {
    const { messages } = await api.place(person.key, stop.place);
    const message = messages.findLast((one) => stop.shows.test(JSON.stringify(one.slack ?? one.teams ?? one.text)));
    if (message) return { company, person, place: stop.place, message: message.id };
  }
  const [first] = candidates;
  return first ? { company, person: first, place: stop.place, message: null } : null;
}
