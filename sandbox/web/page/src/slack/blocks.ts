/** Reading Block Kit: which block is a form's, what an input holds, and what people can choose. */

import type { Inputs, Json } from "../api/types";

export interface Option {
  label: string;
  value: string;
}

export interface OptionGroup {
  label: string | null;
  options: Option[];
}

export interface Field {
  name: string;
  label: string;
  hint: string;
  kind: string;
  isOptional: boolean;
  multiline: boolean;
  longest: number | null;
  placeholder: string;
  initial: string;
  groups: OptionGroup[];
}

export interface Button {
  token: string;
  label: string;
  style: string;
  url: string | null;
  heard: string | null;
}

/** Blocks in reading order, gathered: those to look at go to the library, those to fill in or press are ours. */
export type Part = { kind: "look"; blocks: Json[] } | { kind: "field"; block: Json } | { kind: "buttons"; block: Json };

export function partsOf(blocks: Json[]): Part[] {
  const parts: Part[] = [];
  for (const block of blocks) {
    if (block.type === "input") parts.push({ kind: "field", block });
    else if (block.type === "actions") parts.push({ kind: "buttons", block });
    else {
      const last = parts.at(-1);
      if (last?.kind === "look") last.blocks.push(block);
      else parts.push({ kind: "look", blocks: [block] });
    }
  }
  return parts;
}

export function fieldOf(block: Json): Field {
  const element = (block.element ?? {}) as Json;
  const groups = (element.option_groups as Json[] | undefined)?.map((group) => ({
    label: words(group.label),
    options: optionsOf(group),
  }));
  return {
    name: String(block.block_id ?? element.action_id ?? ""),
    label: words(block.label),
    hint: words(block.hint),
    kind: String(element.type ?? ""),
    isOptional: block.optional === true,
    multiline: element.multiline === true,
    longest: typeof element.max_length === "number" ? element.max_length : null,
    placeholder: words(element.placeholder),
    initial: initialOf(element),
    groups: groups ?? [{ label: null, options: optionsOf(element) }],
  };
}

export function buttonsOf(block: Json): Button[] {
  return (block.elements as Json[])
    .filter((element) => element.type === "button")
    .map((element) => ({
      token: String(element.action_id ?? ""),
      label: words(element.text),
      style: String(element.style ?? "plain"),
      url: typeof element.url === "string" ? element.url : null,
      heard: typeof element.accessibility_label === "string" ? element.accessibility_label : null,
    }));
}

/** What every input of the blocks holds: what was typed, else what the bot filled in. */
export function filledIn(blocks: Json[], draft: Inputs): Inputs {
  const fields = blocks.filter((block) => block.type === "input").map(fieldOf);
  return Object.fromEntries(fields.map((field) => [field.name, draft[field.name] ?? field.initial]));
}

export function words(text: unknown): string {
  const held = (text as { text?: unknown } | null | undefined)?.text;
  return typeof held === "string" ? held : "";
}

function optionsOf(holder: Json): Option[] {
  return ((holder.options as Json[] | undefined) ?? []).map((option) => ({
    label: words(option.text),
    value: String(option.value ?? ""),
  }));
}

function initialOf(element: Json): string {
  const option = element.initial_option as Json | undefined;
  const held = option?.value ?? element.initial_value ?? element.initial_date ?? "";
  return String(held);
}
