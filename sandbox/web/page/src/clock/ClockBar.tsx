/** The clock of the story: what time it is for both, whose calendar is open, what comes next, and how to move on. */

import { useEffect, useId, useRef, useState } from "react";
import { api, sentence } from "../api/client";
import type { Clock, Step, Stepping } from "../api/types";
import { announce } from "../shared/announce";
import { dayAndTime, moment } from "../shared/times";
import { CompanyClock } from "./CompanyClock";

const STEPS: { step: Step; label: string }[] = [
  { step: "next", label: "Next thing due" },
  { step: "hour", label: "+1 hour" },
  { step: "day", label: "+1 working day" },
  { step: "week", label: "+1 week" },
];

interface Props {
  clock: Clock;
  stepping: Stepping | null;
}

export function ClockBar({ clock, stepping }: Props) {
  const reason = useId();
  const [problem, setProblem] = useState<string | null>(null);
  const moving = stepping && !("error" in stepping) && clock.stepping ? stepping : null;
  const now = moving?.now ?? clock.now;
  const isMoving = clock.stepping;
  const failed = stepping && "error" in stepping ? stepping.error : null;
  const [first] = clock.companies;
  useArrival(clock);

  const ask = (act: () => Promise<unknown>) => {
    setProblem(null);
    act().catch((error: unknown) => setProblem(sentence(error)));
  };

  return (
    <section className="clock" aria-label="Clock" data-testid="clock" data-now={clock.now} data-moving={isMoving}>
      <div className="clock-faces">
        {clock.companies.map((company) => (
          <CompanyClock key={company.key} company={company} now={now} />
        ))}
        <p className="clock-next">
          <span className="clock-label">Next</span>
          <span>{next(clock, first?.zone ?? "UTC")}</span>
        </p>
      </div>
      <div className="clock-controls" role="group" aria-label="Move the clock">
        {STEPS.map(({ step, label }) => (
          <button
            key={step}
            type="button"
            data-step={step}
            aria-disabled={isMoving}
            aria-describedby={isMoving ? reason : undefined}
            onClick={() => !isMoving && ask(() => api.step(step))}
          >
            {label}
          </button>
        ))}
        <button
          type="button"
          className="play"
          data-testid="play"
          onClick={() => ask(() => api.play(!clock.playing))}
        >
          {clock.playing ? "Pause" : "Play"}
        </button>
        <button
          type="button"
          role="switch"
          className="switch"
          aria-checked={clock.teammates}
          data-testid="teammates"
          onClick={() => ask(() => api.letTeammatesAnswer(!clock.teammates))}
        >
          <span className="switch-mark" aria-hidden="true" />
          Teammates answer by themselves
        </button>
      </div>
      {isMoving && <Moving id={reason} stepping={moving} zone={first?.zone ?? "UTC"} />}
      {(problem ?? failed) && (
        <p className="problem" role="alert">
          {problem ?? failed}
        </p>
      )}
    </section>
  );
}

function next(clock: Clock, zone: string): string {
  if (!clock.next_due) return "Nothing is planned.";
  const what = clock.what_is_next ?? "something is due";
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}: ${moment(clock.next_due, clock.now, zone)}`;
}

interface MovingProps {
  id: string;
  stepping: { now: string; until: string } | null;
  zone: string;
}

/** How far the step is; it begins where the first report found the clock. */
function Moving({ id, stepping, zone }: MovingProps) {
  const began = useRef<string | null>(null);
  if (stepping && began.current === null) began.current = stepping.now;
  const share = stepping && began.current ? shareOf(began.current, stepping) : 0;
  return (
    <div className="clock-moving">
      <progress aria-label="The clock is moving" value={share} max={1} />
      <span id={id}>
        The clock is moving{stepping ? ` to ${dayAndTime(stepping.until, zone)}` : ""}. The steps wait until it is there.
      </span>
    </div>
  );
}

function shareOf(began: string, { now, until }: { now: string; until: string }): number {
  const whole = Date.parse(until) - Date.parse(began);
  return whole <= 0 ? 1 : (Date.parse(now) - Date.parse(began)) / whole;
}

/** Say where the clock stands once it has come to rest somewhere else. */
function useArrival({ now, companies, stepping, playing }: Clock): void {
  const last = useRef(now);
  const rests = !stepping && !playing;
  useEffect(() => {
    if (!rests || last.current === now) return;
    last.current = now;
    const there = companies.map(({ name, zone }) => `${dayAndTime(now, zone)} at ${name}`);
    announce(`It is ${there.join(", ")}.`);
  }, [now, rests, companies]);
}
