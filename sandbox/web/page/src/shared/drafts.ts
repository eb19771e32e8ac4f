/** What was typed and not sent yet, by message or dialog: it survives errors, redrawn messages and a change of person. */

import { useCallback, useSyncExternalStore } from "react";
import type { Inputs } from "../api/types";

const NOTHING: Inputs = {};
const drafts = new Map<string, Inputs>();
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function draftOf(key: string): Inputs {
  return drafts.get(key) ?? NOTHING;
}

export function write(key: string, name: string, value: string): void {
  drafts.set(key, { ...draftOf(key), [name]: value });
  tell();
}

export function discard(key: string): void {
  if (drafts.delete(key)) tell();
}

export function useDraft(key: string): Inputs {
  return useSyncExternalStore(
    listen,
    useCallback(() => draftOf(key), [key]),
  );
}
