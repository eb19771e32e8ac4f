/** The page: the clock above, the tour, and the two companies side by side; one at a time where there is no room. */

import { useCallback, useEffect, useRef, useState } from "react";
import type { CompanyKey, Person, PlaceName, State } from "./api/types";
import { useLive } from "./api/useLive";
import { ClockBar } from "./clock/ClockBar";
import { CompanyWindow } from "./company/CompanyWindow";
import { suggest } from "./company/Composer";
import { Drawer } from "./drawer/Drawer";
import { Announcer } from "./shared/announce";
import { NARROW, useMedia } from "./shared/media";
import { Tabs, tabId } from "./shared/Tabs";
import { useStored } from "./shared/useStored";
import type { Found } from "./tour/find";
import { Tour } from "./tour/Tour";

type Played = Record<CompanyKey, { person: string; place: PlaceName }>;

const AT_FIRST: Played = { dc: { person: "", place: "dm" }, mc: { person: "", place: "dm" } };

export function App() {
  const { state, version, stepping, problem } = useLive();
  return (
    <>
      <a className="skip" href="#companies">
        Skip to the chats
      </a>
      <Announcer />
      {problem && (
        <p className="problem page-problem" role="alert">
          {problem}
        </p>
      )}
      {state ? <Sandbox state={state} version={version} stepping={stepping} /> : <p className="loading">The alliance is being set up.</p>}
    </>
  );
}

interface SandboxProps {
  state: State;
  version: number;
  stepping: ReturnType<typeof useLive>["stepping"];
}

function Sandbox({ state, version, stepping }: SandboxProps) {
  const isNarrow = useMedia(NARROW);
  const [side, setSide] = useStored<CompanyKey>("side", "dc");
  const [played, setPlayed] = useStored<Played>("played", AT_FIRST);
  const [onTour, setOnTour] = useStored("tour", true);
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const drawerButton = useRef<HTMLButtonElement>(null);
  const [scrollTo, setScrollTo] = useState<Found | null>(null);
  useScroll(scrollTo, version);

  const personOf = (company: CompanyKey) =>
    state.people.find((person) => person.key === played[company].person) ?? state.people.find((person) => person.company === company);
  const playing = { dc: personOf("dc")?.key ?? "", mc: personOf("mc")?.key ?? "" };
  const change = useCallback(
    (company: CompanyKey, to: Partial<Played[CompanyKey]>) => setPlayed({ ...played, [company]: { ...played[company], ...to } }),
    [played, setPlayed],
  );
  const go = (found: Found, words: string | null) => {
    change(found.company, { person: found.person.key, place: found.place });
    setSide(found.company);
    if (words !== null) suggest(found.person, found.place, words);
    setScrollTo({ ...found });
  };
  const closeDrawer = () => {
    setDrawerOpen(false);
    drawerButton.current?.focus();
  };

  return (
    <div className={`page${isDrawerOpen ? " has-drawer" : ""}`}>
      <header className="top">
        <h1>Alliance sandbox</h1>
        <div className="top-acts">
          {!onTour && (
            <button type="button" onClick={() => setOnTour(true)}>
              Resume the tour
            </button>
          )}
          <button
            ref={drawerButton}
            type="button"
            aria-expanded={isDrawerOpen}
            aria-controls={isDrawerOpen ? "drawer" : undefined}
            onClick={() => setDrawerOpen(!isDrawerOpen)}
          >
            Behind the scenes
          </button>
        </div>
        <ClockBar clock={state.clock} stepping={stepping} />
      </header>
      {onTour && <Tour state={state} played={playing} onGo={go} onLeave={() => setOnTour(false)} />}
      <main id="companies" tabIndex={-1} className="companies">
        {isNarrow && (
          <Tabs
            label="Company"
            className="company-tabs"
            panel="company"
            chosen={side}
            onChoose={setSide}
            tabs={state.clock.companies.map((company) => ({ key: company.key, label: `${company.name} on ${company.platform === "slack" ? "Slack" : "Teams"}` }))}
          />
        )}
        <div className="company-row" {...(isNarrow && { id: "company", role: "tabpanel", "aria-labelledby": tabId("company", side) })}>
          {state.clock.companies
            .filter((company) => !isNarrow || company.key === side)
            .map((company) => {
              const person: Person | undefined = personOf(company.key);
              return (
                person && (
                  <CompanyWindow
                    key={company.key}
                    company={company}
                    state={state}
                    person={person}
                    place={played[company.key].place}
                    version={version}
                    onChoosePerson={(chosen) => change(company.key, { person: chosen.key })}
                    onChoosePlace={(place) => change(company.key, { place })}
                  />
                )
              );
            })}
        </div>
      </main>
      {isDrawerOpen && <Drawer people={state.people} version={version} zone={state.clock.companies[0]?.zone ?? "UTC"} onClose={closeDrawer} />}
    </div>
  );
}

/** Bring a message of the tour into sight, once it is drawn; without one, the place to write in. */
function useScroll(to: Found | null, version: number): void {
  const reached = useRef<Found | null>(null);
  useEffect(() => {
    if (!to || reached.current === to) return;
    const look = () => {
      const company = document.querySelector(`[data-company="${to.company}"]`);
      const target =
        to.message === null
          ? company?.querySelector<HTMLElement>(".composer textarea")
          : company?.querySelector<HTMLElement>(`[data-message="${CSS.escape(to.message)}"]`);
      if (!target || !company?.querySelector(`.company-panel[data-person="${CSS.escape(to.person.key)}"]`)) return false;
      reached.current = to;
      target.scrollIntoView({ block: to.message === null ? "nearest" : "start" });
      target.focus({ preventScroll: true });
      for (const last of document.querySelectorAll(".is-pointed-at")) last.classList.remove("is-pointed-at");
      target.classList.add("is-pointed-at");
      return true;
    };
    if (look()) return;
    const watcher = new MutationObserver(() => look() && watcher.disconnect());
    watcher.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-person"] });
    return () => watcher.disconnect();
  }, [to, version]);
}
