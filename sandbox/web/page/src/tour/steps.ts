/** The seven steps: what to do in each, and where the page has to look for the message that it is about. */

import type { CompanyKey, PlaceName, Step, TourKey } from "../api/types";

export interface Stop {
  label: string;
  side: "mine" | "theirs";
  tiers: string[];
  place: PlaceName;
  /** What the message says as JSON; the latest that does is shown. */
  shows: RegExp;
  /** What to write where there is no such message, or nothing is shown yet. */
  say?: { slack: string; teams: string };
  /** What to do when there is no such message yet. */
  absent: string;
}

export interface Chapter {
  key: TourKey;
  title: string;
  words: (mine: string, theirs: string) => string;
  stops: Stop[];
  /** Which button of the clock the step leads to. */
  clock?: Step;
}

const OPERATIONAL = ["operational"];
const LEADING = ["alliance manager", "manager", "executive"];
const EVERYBODY = [...OPERATIONAL, ...LEADING];
const RESULTS = /Results of pulse \d+/;
const LOOK_BACK = /v1\.checkpoint\.(show|answer)\./;
const WAIT = "It is not there yet. Let the clock go on by a working day, then try again.";

export const CHAPTERS: Chapter[] = [
  {
    key: "sign",
    title: "Sign the charter",
    words: (mine, theirs) =>
      `The charter says what both agreed. Play an executive of ${mine} and press Sign; it is in force when one of ${theirs} has signed too.`,
    stops: [
      stop("Take me there", "mine", ["executive"], /v1\.charter\.sign\./, "Nobody here has a charter to sign at the moment."),
      stop("The other signature", "theirs", ["executive"], /v1\.charter\.sign\./, "Nobody there has a charter to sign at the moment."),
    ],
  },
  {
    key: "checkin",
    title: "Answer a check-in",
    words: (mine) => `Every Tuesday the operational people say how it goes. Let the clock reach it, then answer as somebody of ${mine}.`,
    stops: [stop("Take me there", "mine", OPERATIONAL, /v1\.checkin\.answer\./, WAIT)],
    clock: "day",
  },
  {
    key: "pulse",
    title: "Answer a pulse",
    words: (mine) =>
      `Every second Wednesday everybody rates a few statements, anonymously. Answer one as somebody of ${mine}; no name is kept with it.`,
    stops: [stop("Take me there", "mine", EVERYBODY, /v1\.pulse\.answer\./, WAIT)],
    clock: "day",
  },
  {
    key: "gap",
    title: "See the gap",
    words: () =>
      "When a pulse closes, the managers of both companies read the same figures at the same moment. Look where the two sides differ.",
    stops: [stop("Take me there", "mine", LEADING, RESULTS, WAIT), stop("The other side", "theirs", LEADING, RESULTS, WAIT)],
    clock: "day",
  },
  {
    key: "escalation",
    title: "Raise an escalation",
    words: (mine, theirs) =>
      `Bring something up as somebody of ${mine}: say “raise” and fill in what happened. It reaches their counterpart at ${theirs} in the same moment.`,
    stops: [
      {
        ...stop("Take me there", "mine", OPERATIONAL, /(?!)/, "Send the word “raise”, fill in the dialog, then look at the other side."),
        say: { slack: "/alliance raise", teams: "raise" },
      },
      stop("The other side", "theirs", EVERYBODY, /v1\.escalation\.acknowledge\./, "Nothing has arrived yet. Raise it first."),
    ],
  },
  {
    key: "missed",
    title: "Step to a missed acknowledgement",
    words: (_, theirs) =>
      `Leave the escalation alone at ${theirs}: nobody presses Acknowledge. Step on by working days, and see the reminder, and then who joins.`,
    stops: [stop("Take me there", "theirs", EVERYBODY, /v1\.escalation\.acknowledge\./, "No escalation waits for an acknowledgement. Raise one first.")],
    clock: "day",
  },
  {
    key: "checkpoint",
    title: "Close a checkpoint",
    words: (mine) =>
      `Both sides look back on a fixed date, or when an alliance manager says “checkpoint now”. Answer it as a manager of ${mine}, then step on until it closes.`,
    stops: [
      {
        ...stop("Take me there", "mine", LEADING, LOOK_BACK, "Send these words to call a checkpoint today, or let the clock reach the next one."),
        say: { slack: "/alliance checkpoint now", teams: "checkpoint now" },
      },
    ],
    clock: "day",
  },
];

function stop(label: string, side: Stop["side"], tiers: string[], shows: RegExp, absent: string): Stop {
  return { label, side, tiers, place: "dm", shows, absent };
}

export function other(company: CompanyKey): CompanyKey {
  return company === "dc" ? "mc" : "dc";
}
