/** One company's chat: whom you play there, their conversations, and the one that is open. */

import { useId } from "react";
import type { Company, Person, PlaceName, State } from "../api/types";
import { Chat } from "./Chat";
import { PeoplePicker } from "./PeoplePicker";
import { PlaceTabs } from "./PlaceTabs";

const PLATFORMS = { slack: "Slack", teams: "Teams" };

interface Props {
  company: Company;
  state: State;
  person: Person;
  place: PlaceName;
  version: number;
  onChoosePerson: (person: Person) => void;
  onChoosePlace: (place: PlaceName) => void;
}

export function CompanyWindow({ company, state, person, place, version, onChoosePerson, onChoosePlace }: Props) {
  const panel = useId();
  const here = state.people.filter((one) => one.platform === company.platform);
  return (
    <section className={`company is-${company.platform}`} aria-labelledby={`${panel}-title`} data-company={company.key}>
      <header className="company-head">
        <h2 id={`${panel}-title`}>
          {company.name} <span>on {PLATFORMS[company.platform]}</span>
        </h2>
        <PeoplePicker people={here} characters={state.characters} chosen={person} onChoose={onChoosePerson} />
      </header>
      <PlaceTabs person={person} place={place} panel={panel} onChoose={onChoosePlace} />
      {/* What the liaison answers to one person must not be shown to the next. */}
      <Chat key={person.key} panel={panel} state={state} person={person} place={place} version={version} />
    </section>
  );
}
