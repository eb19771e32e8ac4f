/** Something that is asked for more often than it can be done: once at a time, and once more when asked meanwhile. */

import { useCallback, useRef } from "react";

export function useCoalesced(work: () => Promise<void>): () => void {
  const latest = useRef(work);
  latest.current = work;
  const underWay = useRef(false);
  const wanted = useRef(false);

  const start = useCallback(() => {
    wanted.current = true;
    if (underWay.current) return;
    underWay.current = true;
    const next = async () => {
      while (wanted.current) {
        wanted.current = false;
        await latest.current();
      }
      underWay.current = false;
    };
    void next();
  }, []);
  return start;
}
