/** Instants as a person in some zone reads them; never in the zone of the browser. */

const made = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  const known = made.get(key);
  if (known) return known;
  const fresh = new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options });
  made.set(key, fresh);
  return fresh;
}

export function time(at: string | Date, zone: string): string {
  return format(zone, { hour: "2-digit", minute: "2-digit" }).format(new Date(at));
}

export function day(at: string | Date, zone: string): string {
  return format(zone, { weekday: "short", day: "numeric", month: "short" }).format(new Date(at));
}

export function longDay(at: string | Date, zone: string): string {
  return format(zone, { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(new Date(at));
}

/** "10:30" today, "Tue 3 Mar, 10:30" on any other day. */
export function moment(at: string, now: string, zone: string): string {
  return day(at, zone) === day(now, zone) ? time(at, zone) : `${day(at, zone)}, ${time(at, zone)}`;
}

export function dayAndTime(at: string | Date, zone: string): string {
  return `${day(at, zone)}, ${time(at, zone)}`;
}

/** The city of a zone: "America/New_York" is "New York". */
export function city(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

const SLACK_TOKENS: Record<string, Intl.DateTimeFormatOptions> = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { year: "numeric", month: "long", day: "numeric", weekday: "long" },
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

/** Fill in the format of a Slack date element: "{date_long}, {time}". */
export function slackDate(timestamp: number, pattern: string, zone: string): string {
  const at = new Date(timestamp * 1000);
  return pattern.replace(/\{(\w+?)(?:_pretty)?\}/g, (whole, token: string) => {
    const options = SLACK_TOKENS[token];
    return options ? format(zone, options).format(at) : whole;
  });
}

const CARD_DATE = /\{\{DATE\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d))(?:, ?(COMPACT|LONG|SHORT))?\)\}\}/g;
const CARD_TIME = /\{\{TIME\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d))\)\}\}/g;
const CARD_LOOKS: Record<string, Intl.DateTimeFormatOptions> = {
  COMPACT: { year: "numeric", month: "2-digit", day: "2-digit" },
  SHORT: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
  LONG: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
};

/** Fill in the date functions of an Adaptive Card, which the library would read in the browser's zone. */
export function cardDates(text: string, zone: string): string {
  return text
    .replace(CARD_DATE, (_, at: string, look = "COMPACT") => format(zone, CARD_LOOKS[look as string] ?? {}).format(new Date(at)))
    .replace(CARD_TIME, (_, at: string) => time(at, zone));
}
