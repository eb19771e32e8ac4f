/** A card made ready for one reader: dates in their zone, what they had typed, and what the library cannot read. */

import type { Inputs, Json } from "../api/types";
import { cardDates } from "../shared/times";

export function prepared(card: Json, zone: string, draft: Inputs): Json {
  return walked(card, zone, draft) as Json;
}

function walked(value: unknown, zone: string, draft: Inputs): unknown {
  if (typeof value === "string") return value.includes("{{") ? cardDates(value, zone) : value;
  if (Array.isArray(value)) return value.map((part) => walked(part, zone, draft));
  if (typeof value !== "object" || value === null) return value;
  const made = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, walked(part, zone, draft)]));
  const isInput = typeof made.type === "string" && made.type.startsWith("Input.");
  const typed = isInput && typeof made.id === "string" ? draft[made.id] : undefined;
  return typed === undefined ? made : { ...made, value: typed };
}

/** The markdown that the liaison sends: escaped text, paragraphs, and mentions of people. */
export function asHtml(markdown: string): string {
  return markdown
    .replace(/\\([\\`*_[\]~#<>|&+.)-])/g, (_, escaped: string) => `&#${escaped.charCodeAt(0)};`)
    .replace(/&(?!#\d+;)/g, "&amp;")
    .replace(/<at>(.*?)<\/at>/g, "\u0001$1\u0002")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\u0001", '<span class="teams-mention">')
    .replaceAll("\u0002", "</span>")
    .replace(/\n+/g, "<br>");
}
