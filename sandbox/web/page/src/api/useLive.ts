/** The state of the story, fetched again whenever the server says that something changed. */

import { useEffect, useRef, useState } from "react";
import { useCoalesced } from "../shared/useCoalesced";
import { api, sentence } from "./client";
import type { State, Stepping } from "./types";

export interface Live {
  state: State | null;
  /** Grows with every change: whoever shows something of the server fetches it again. */
  version: number;
  stepping: Stepping | null;
  problem: string | null;
}

export function useLive(): Live {
  const [state, setState] = useState<State | null>(null);
  const [version, setVersion] = useState(0);
  const [stepping, setStepping] = useState<Stepping | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  const last = useRef("");

  const refresh = useCoalesced(async () => {
    try {
      const fresh = await api.state();
      // Only another demo has an earlier clock: what this page remembers is of the one before.
      if (fresh.clock.now < last.current) window.location.reload();
      last.current = fresh.clock.now;
      setState(fresh);
      setVersion((known) => known + 1);
      setProblem(null);
    } catch (error) {
      setProblem(sentence(error));
    }
  });

  useEffect(() => {
    refresh();
    const events = new EventSource("/api/events");
    events.addEventListener("open", refresh);
    events.addEventListener("error", refresh);
    events.addEventListener("changed", refresh);
    events.addEventListener("stepping", (event) => setStepping(JSON.parse((event as MessageEvent<string>).data) as Stepping));
    return () => events.close();
  }, [refresh]);

  return { state, version, stepping, problem };
}
