/** Something of the server, fetched again with every change; what was shown stays until the fresh one is there. */

import { useEffect, useState } from "react";
import { sentence } from "../api/client";
import { useCoalesced } from "../shared/useCoalesced";

interface Fetched<Answer> {
  answer: Answer | null;
  problem: string | null;
}

export function useFetched<Answer>(ask: () => Promise<Answer>, version: number): Fetched<Answer> {
  const [fetched, setFetched] = useState<Fetched<Answer>>({ answer: null, problem: null });
  const fetchAgain = useCoalesced(async () => {
    try {
      setFetched({ answer: await ask(), problem: null });
    } catch (error) {
      setFetched((last) => ({ ...last, problem: sentence(error) }));
    }
  });
  useEffect(fetchAgain, [fetchAgain, version]);
  return fetched;
}
