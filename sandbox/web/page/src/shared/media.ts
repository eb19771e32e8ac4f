/** Whether a media query holds, followed while it changes. */

import { useSyncExternalStore } from "react";

export const NARROW = "(max-width: 899.98px)";
export const DARK = "(prefers-color-scheme: dark)";

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (tell) => {
      const media = window.matchMedia(query);
      media.addEventListener("change", tell);
      return () => media.removeEventListener("change", tell);
    },
    () => window.matchMedia(query).matches,
  );
}
