/** An Adaptive Card, drawn by Microsoft's own library. */

import { AdaptiveCard, ExecuteAction, OpenUrlAction, SubmitAction } from "adaptivecards/lib/card-elements";
import type { Action, Input } from "adaptivecards/lib/card-elements";
import "adaptivecards/lib/adaptivecards.css";
import { memo, useLayoutEffect, useRef } from "react";
import type { Inputs, Json } from "../api/types";
import { draftOf, write } from "../shared/drafts";
import { cardContext } from "./elements";
import { hostConfig } from "./hostConfig";
import { asHtml, prepared } from "./prepare";

interface Props {
  card: Json;
  zone: string;
  draftKey: string;
  errors: Inputs;
  isBusy: boolean;
  onPress: (token: string, inputs: Inputs) => void;
}

AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = asHtml(text);
  result.didProcess = true;
};

export function TeamsCard({ card, errors, isBusy, onPress, ...rest }: Props) {
  const press = useRef({ isBusy, onPress });
  press.current = { isBusy, onPress };
  const once = useRef((token: string, inputs: Inputs) => {
    if (!press.current.isBusy) press.current.onPress(token, inputs);
  });
  return <Drawn {...rest} words={JSON.stringify(card)} wrong={JSON.stringify(errors)} isBusy={isBusy} onPress={once.current} />;
}

interface DrawnProps {
  /** The card as JSON: drawn again only when it says something else. */
  words: string;
  wrong: string;
  zone: string;
  draftKey: string;
  isBusy: boolean;
  onPress: (token: string, inputs: Inputs) => void;
}

const Drawn = memo(function Drawn({ words, wrong, zone, draftKey, isBusy, onPress }: DrawnProps) {
  const frame = useRef<HTMLDivElement>(null);

  // Before the page is shown, so that whoever scrolls to a message finds it at its full height.
  useLayoutEffect(() => {
    const place = frame.current;
    if (!place) return;
    const card = new AdaptiveCard();
    card.hostConfig = hostConfig;
    card.onExecuteAction = (action) => execute(card, action, onPress);
    card.onInputValueChanged = (input) => input.id && write(draftKey, input.id, valueOf(input));
    card.parse(prepared(JSON.parse(words) as Json, zone, draftOf(draftKey)), cardContext());
    const drawn = card.render();
    if (!drawn) return;
    keepChoicesApart(drawn);
    const hadFocus = place.contains(document.activeElement);
    place.replaceChildren(drawn);
    nameFields(card);
    letTablesScroll(place);
    if (hadFocus) place.focus();
  }, [words, zone, draftKey, onPress]);

  useLayoutEffect(() => {
    const place = frame.current;
    if (place) showErrors(place, JSON.parse(wrong) as Inputs);
  }, [words, wrong]);

  return <div ref={frame} className="teams-card" tabIndex={-1} aria-busy={isBusy} />;
});

function execute(card: AdaptiveCard, action: Action, onPress: DrawnProps["onPress"]): void {
  if (action instanceof OpenUrlAction) {
    window.open(action.url, "_blank", "noreferrer");
    return;
  }
  if (!(action instanceof SubmitAction || action instanceof ExecuteAction)) return;
  const held = (action.data as { token?: unknown } | undefined)?.token;
  const token = typeof held === "string" ? held : action instanceof ExecuteAction ? action.verb : "";
  const inputs = card.getAllInputs().map((input) => [input.id ?? "", valueOf(input)] as const);
  onPress(token, Object.fromEntries(inputs));
}

function valueOf(input: Input): string {
  const value: unknown = input.value;
  return value === undefined || value === null ? "" : String(value);
}

/** Say on the drawn element which input it is: errors and the tour find it by that. */
function nameFields(card: AdaptiveCard): void {
  for (const input of card.getAllInputs()) {
    if (input.id) input.renderedElement?.setAttribute("data-field", input.id);
  }
}

let cardsDrawn = 0;

/** The library names radio buttons by the input, so that those of two cards that ask the same would be one group. */
function keepChoicesApart(drawn: HTMLElement): void {
  cardsDrawn += 1;
  for (const choice of drawn.querySelectorAll<HTMLInputElement>("input[type=radio]")) choice.name += `/${cardsDrawn}`;
}

/** On a narrow screen a table is wider than its card: it can be reached and scrolled by keyboard too. */
function letTablesScroll(place: HTMLElement): void {
  for (const table of place.querySelectorAll<HTMLElement>("[role=table]")) {
    table.tabIndex = 0;
    table.setAttribute("aria-label", "Table");
  }
}

function showErrors(place: HTMLElement, errors: Inputs): void {
  for (const old of place.querySelectorAll(".field-error")) old.remove();
  for (const [name, words] of Object.entries(errors)) {
    const field = place.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"]`);
    const said = document.createElement("p");
    said.className = "field-error";
    said.setAttribute("role", "alert");
    said.textContent = words;
    (field ?? place).append(said);
    field?.querySelector("input, textarea, select")?.setAttribute("aria-invalid", "true");
  }
}
