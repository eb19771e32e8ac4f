/** What the page's own server sends: see sandbox/web. Times are ISO 8601 in UTC. */

export type CompanyKey = "dc" | "mc";
export type Platform = "slack" | "teams";
export type PlaceName = "dm" | "channel" | "home";
export type Json = Record<string, unknown>;
export type Inputs = Record<string, string>;
export type Character = "prompt" | "slow" | "silent" | "unhappy";
export type Step = "next" | "hour" | "day" | "week";

export interface Company {
  key: CompanyKey;
  name: string;
  platform: Platform;
  zone: string;
  is_open: boolean;
  changes_at: string | null;
}

export interface Clock {
  now: string;
  next_due: string | null;
  what_is_next: string | null;
  playing: boolean;
  stepping: boolean;
  teammates: boolean;
  companies: Company[];
}

export interface Person {
  key: string;
  name: string;
  /** The mediator belongs to neither company. */
  company: CompanyKey | "";
  platform: Platform;
  /** What a mention in Slack names them by; empty on Teams. */
  address: string;
  tier: string;
  zone: string;
  character: string;
  is_played: boolean;
  unread: Partial<Record<PlaceName, number>>;
}

export type TourKey = "sign" | "checkin" | "pulse" | "gap" | "escalation" | "missed" | "checkpoint";

export interface TourStep {
  key: TourKey;
  done: boolean;
}

export interface State {
  version: number;
  clock: Clock;
  people: Person[];
  characters: { key: Character; says: string }[];
  tour: { steps: TourStep[] };
}

export interface Message {
  id: string;
  at: string;
  edited_at: string | null;
  author: string;
  name: string;
  text: string;
  is_private: boolean;
  is_new: boolean;
  thread: string | null;
  slack: { blocks: Json[] } | null;
  teams: { card: Json | null; summary: string } | null;
}

export interface Dialog {
  id: string;
  title: string;
  slack: { view: Json } | null;
  teams: { card: Json } | null;
  errors: Inputs;
}

export interface Place {
  person: string;
  place: PlaceName;
  messages: Message[];
  dialogs: Dialog[];
}

export interface Outcome {
  ok: boolean;
  text: string | null;
  errors: Inputs;
  dialog: Dialog | null;
}

export type Act =
  | { as: string; kind: "press"; place: PlaceName; message: string; token: string; inputs: Inputs }
  | { as: string; kind: "press"; place: "dialog"; dialog: string; token: string; inputs: Inputs }
  | { as: string; kind: "say"; place: PlaceName; text: string }
  | { as: string; kind: "submit"; dialog: string; inputs: Inputs; token?: string }
  | { as: string; kind: "close"; dialog: string }
  | { as: string; kind: "open"; place: PlaceName };

export interface AuditEntry {
  number: number;
  at: string;
  actor: string | null;
  action: string;
  subject?: string | null;
  facts?: Json;
  details?: Json;
}

export interface Audit {
  entries: AuditEntry[];
  verified: boolean;
}

export interface PlatformRequest {
  number: number;
  at: string;
  platform: Platform;
  direction: string;
  method?: string;
  url?: string;
  name?: string;
  status?: number | null;
  request: unknown;
  response: unknown;
}

export type Stepping = { now: string; until: string } | { error: string };
