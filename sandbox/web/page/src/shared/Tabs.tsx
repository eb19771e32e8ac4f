/** Tabs as the ARIA practices have them: one stop of the Tab key, arrows move and choose. */

import { useRef } from "react";
import type { KeyboardEvent, ReactNode } from "react";

interface Props<Key extends string> {
  label: string;
  className: string;
  /** The id of the panel below; the tabs are called by it. */
  panel: string;
  chosen: Key;
  tabs: { key: Key; label: ReactNode }[];
  onChoose: (key: Key) => void;
}

export function tabId(panel: string, key: string): string {
  return `${panel}-${key}`;
}

export function Tabs<Key extends string>({ label, className, panel, chosen, tabs, onChoose }: Props<Key>) {
  const frame = useRef<HTMLDivElement>(null);

  const onKeyDown = (event: KeyboardEvent) => {
    const at = tabs.findIndex((tab) => tab.key === chosen);
    const to = target(event.key, at, tabs.length);
    const tab = to === null ? undefined : tabs[to];
    if (!tab || to === null) return;
    event.preventDefault();
    onChoose(tab.key);
    frame.current?.querySelectorAll<HTMLElement>("[role=tab]")[to]?.focus();
  };

  return (
    <div ref={frame} className={`tabs ${className}`} role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab.key}
          type="button"
          role="tab"
          id={tabId(panel, tab.key)}
          aria-controls={panel}
          aria-selected={tab.key === chosen}
          tabIndex={tab.key === chosen ? 0 : -1}
          onClick={() => onChoose(tab.key)}
        >
          {tab.label}
        </button>
      ))}
    </div>
  );
}

function target(key: string, at: number, count: number): number | null {
  if (key === "ArrowRight" || key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowLeft" || key === "ArrowUp") return (at - 1 + count) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return null;
}
