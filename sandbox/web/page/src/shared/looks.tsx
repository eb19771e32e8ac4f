/** Small things that both chat windows share. */

import type { Person } from "../api/types";

export const LIAISON = "liaison";

export function Face({ author, name }: { author: string; name: string }) {
  const letters = name
    .split(/\s+/)
    .map((word) => word[0] ?? "")
    .join("")
    .slice(0, 2);
  const tint = [...author].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 8, 0);
  if (author === LIAISON) {
    return (
      <svg className="face is-liaison" viewBox="0 0 36 36" aria-hidden="true">
        <circle cx="14" cy="18" r="7" />
        <circle cx="22" cy="18" r="7" />
      </svg>
    );
  }
  return (
    <span className={`face tint-${tint}`} aria-hidden="true">
      {letters}
    </span>
  );
}

export function Unread({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className="unread">
      {count}
      <span className="only-heard"> unread</span>
    </span>
  );
}

export function unreadOf(person: Person): number {
  return Object.values(person.unread).reduce((sum, count) => sum + count, 0);
}
