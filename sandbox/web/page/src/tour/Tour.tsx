/** The guided tour: one strip that says what to do and leads there; the server says what is done. */

import { useEffect, useRef, useState } from "react";
import { sentence } from "../api/client";
import type { CompanyKey, State } from "../api/types";
import { announce } from "../shared/announce";
import { useStored } from "../shared/useStored";
import { find } from "./find";
import type { Found } from "./find";
import { CHAPTERS, other } from "./steps";
import type { Chapter, Stop } from "./steps";

interface Props {
  state: State;
  played: Record<CompanyKey, string>;
  onGo: (found: Found, words: string | null) => void;
  onLeave: () => void;
}

export function Tour({ state, played, onGo, onLeave }: Props) {
  const [mine, setMine] = useStored<CompanyKey>("tour-side", "dc");
  const [chosen, setChosen] = useState<number | null>(null);
  const [said, setSaid] = useState<{ words: string; leads: boolean } | null>(null);
  const done = CHAPTERS.map(({ key }) => state.tour.steps.some((step) => step.key === key && step.done));
  const firstOpen = done.indexOf(false);
  const at = chosen ?? (firstOpen < 0 ? CHAPTERS.length - 1 : firstOpen);
  const chapter = CHAPTERS[at];
  useTicks(done);
  useEffect(() => setSaid(null), [at, mine, state.clock.now, done.join()]);
  // A step that was chosen by hand is left when it is done; the tour then goes on by itself.
  useEffect(() => setChosen(null), [done.filter(Boolean).length]);
  if (!chapter) return null;

  const names = (key: CompanyKey) => state.clock.companies.find((company) => company.key === key)?.name ?? key;
  const go = async (stop: Stop) => {
    try {
      const found = await find(stop, mine, state, played);
      if (!found) return;
      const say = found.message === null ? stop.say?.[found.person.platform] : undefined;
      const leads = found.message !== null || say !== undefined;
      if (leads) onGo(found, say ?? null);
      setSaid(found.message === null ? { words: stop.absent, leads } : null);
      if (found.message === null) announce(stop.absent);
    } catch (error) {
      setSaid({ words: sentence(error), leads: false });
    }
  };

  return (
    <section className="tour" aria-labelledby="tour-title" data-testid="tour">
      <div className="tour-head">
        <h2 id="tour-title">
          <span className="tour-count">
            Tour, step {at + 1} of {CHAPTERS.length}
          </span>{" "}
          {chapter.title}
          {done[at] && <span className="tour-done"> (done)</span>}
        </h2>
        <Dots done={done} at={at} onChoose={setChosen} />
      </div>
      <p className="tour-words">{done.every(Boolean) ? "That was the whole tour. Go on as you like." : chapter.words(names(mine), names(other(mine)))}</p>
      <div className="tour-acts">
        {chapter.stops.map((stop) => (
          <button key={stop.label} type="button" className="strong" onClick={() => void go(stop)}>
            {stop.label}
          </button>
        ))}
        {chapter.clock && (
          <button type="button" onClick={() => toClock(chapter)}>
            To the clock
          </button>
        )}
        <label className="tour-side">
          <span>I play</span>
          <select value={mine} onChange={(event) => setMine(event.target.value as CompanyKey)}>
            {state.clock.companies.map((company) => (
              <option key={company.key} value={company.key}>
                {company.name}
              </option>
            ))}
          </select>
        </label>
        <button type="button" className="quiet" onClick={onLeave}>
          Leave the tour
        </button>
        {said && (
          <p className="tour-said" role="status" data-leads={said.leads}>
            {said.words}
          </p>
        )}
      </div>
    </section>
  );
}

interface DotsProps {
  done: boolean[];
  at: number;
  onChoose: (at: number) => void;
}

function Dots({ done, at, onChoose }: DotsProps) {
  return (
    <ol className="tour-dots" aria-label="Steps of the tour">
      {CHAPTERS.map((chapter, index) => (
        <li key={chapter.key}>
          <button
            type="button"
            aria-current={index === at ? "step" : undefined}
            data-tour={chapter.key}
            data-done={done[index]}
            title={chapter.title}
            onClick={() => onChoose(index)}
          >
            <span aria-hidden="true">{done[index] ? "✓" : index + 1}</span>
            <span className="only-heard">
              {index + 1}, {chapter.title}
              {done[index] ? ", done" : ""}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function toClock(chapter: Chapter): void {
  const button = document.querySelector<HTMLElement>(`[data-step="${chapter.clock}"]`);
  button?.scrollIntoView({ block: "nearest" });
  button?.focus();
}

/** Say when a step has been ticked. */
function useTicks(done: boolean[]): void {
  const before = useRef<boolean[] | null>(null);
  const now = done.join();
  useEffect(() => {
    const last = before.current;
    before.current = done;
    done.forEach((isDone, index) => {
      if (last && isDone && !last[index]) announce(`Step ${index + 1} of the tour is done: ${CHAPTERS[index]?.title}.`);
    });
    // `now` stands for `done`, which is a new list at every drawing.
  }, [now]);
}
