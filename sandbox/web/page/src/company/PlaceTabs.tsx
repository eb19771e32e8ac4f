/** The conversations of a person. */

import type { Person, PlaceName } from "../api/types";
import { Tabs } from "../shared/Tabs";
import { Unread } from "../shared/looks";

export const PLACES: PlaceName[] = ["home", "dm", "channel"];

export function placeLabel(place: PlaceName, person: Person): string {
  if (place === "home") return "Home";
  if (place === "dm") return "Liaison";
  return person.platform === "slack" ? "#alliance" : "Alliance channel";
}

interface Props {
  person: Person;
  place: PlaceName;
  panel: string;
  onChoose: (place: PlaceName) => void;
}

export function PlaceTabs({ person, place, panel, onChoose }: Props) {
  return (
    <Tabs
      label={`Conversations of ${person.name}`}
      className="places"
      panel={panel}
      chosen={place}
      onChoose={onChoose}
      tabs={PLACES.map((key) => ({
        key,
        label: (
          <>
            <span>{placeLabel(key, person)}</span>
            <Unread count={person.unread[key] ?? 0} />
          </>
        ),
      }))}
    />
  );
}
