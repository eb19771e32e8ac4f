/** Block Kit: drawn by slack-blocks-to-jsx, which draws controls as pictures; so inputs and buttons are ours. */

import { memo, useLayoutEffect, useMemo, useRef } from "react";
import { Message as Drawn } from "slack-blocks-to-jsx";
import type { Block } from "slack-blocks-to-jsx";
import "slack-blocks-to-jsx/dist/style.css";
import type { Inputs, Json, Person } from "../api/types";
import { useDraft } from "../shared/drafts";
import { DARK, useMedia } from "../shared/media";
import { slackDate } from "../shared/times";
import { fieldOf, filledIn, partsOf } from "./blocks";
import { SlackButtons } from "./SlackButtons";
import { SlackField } from "./SlackField";

interface Props {
  blocks: Json[];
  zone: string;
  people: Person[];
  draftKey: string;
  errors: Inputs;
  isBusy: boolean;
  onPress: (token: string, inputs: Inputs) => void;
}

export function SlackBlocks({ blocks, zone, people, draftKey, errors, isBusy, onPress }: Props) {
  const draft = useDraft(draftKey);
  const filled = filledIn(blocks, draft);
  return partsOf(blocks).map((part, index) => {
    switch (part.kind) {
      case "look":
        return <Look key={index} words={JSON.stringify(part.blocks)} zone={zone} people={people} />;
      case "field": {
        const field = fieldOf(part.block);
        const value = filled[field.name] ?? "";
        return <SlackField key={index} field={field} value={value} draftKey={draftKey} error={errors[field.name]} />;
      }
      case "buttons":
        return <SlackButtons key={index} block={part.block} isBusy={isBusy} onPress={(token) => onPress(token, filled)} />;
    }
  });
}

interface LookProps {
  /** The blocks as JSON: drawn again only when they say something else. */
  words: string;
  zone: string;
  people: Person[];
}

const Look = memo(function Look({ words, zone, people }: LookProps) {
  const isDark = useMedia(DARK);
  const frame = useRef<HTMLDivElement>(null);
  const blocks = useMemo(() => JSON.parse(words) as Block[], [words]);
  const data = useMemo(() => ({ users: people.map((person) => ({ id: person.address, name: person.name })) }), [people]);
  const hooks = useMemo(
    () => ({
      date: ({ timestamp, format }: { timestamp: string; format: string }) => (
        <time dateTime={new Date(Number(timestamp) * 1000).toISOString()}>{slackDate(Number(timestamp), format, zone)}</time>
      ),
    }),
    [zone],
  );

  // The library gives every message the same id, and a table that scrolls no way to be reached by keyboard.
  useLayoutEffect(() => {
    frame.current?.querySelector("#slack_blocks_to_jsx")?.removeAttribute("id");
    for (const table of frame.current?.querySelectorAll("table") ?? []) {
      const around = table.parentElement;
      if (!around) continue;
      around.tabIndex = 0;
      around.setAttribute("role", "group");
      around.setAttribute("aria-label", "Table");
    }
  }, [blocks]);

  return (
    <div ref={frame} className="slack-look">
      <Drawn blocks={blocks} logo="" name="" theme={isDark ? "dark" : "light"} data={data} hooks={hooks} withoutWrapper />
    </div>
  );
});
