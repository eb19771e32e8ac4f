/** A choice that outlives a reload of the page, in this tab alone. */

import { useCallback, useState } from "react";

export function useStored<Kept>(name: string, first: Kept): [Kept, (value: Kept) => void] {
  const [value, setValue] = useState<Kept>(() => {
    const stored = sessionStorage.getItem(name);
    return stored === null ? first : (JSON.parse(stored) as Kept);
  });
  const keep = useCallback(
    (fresh: Kept) => {
      setValue(fresh);
      sessionStorage.setItem(name, JSON.stringify(fresh));
    },
    [name],
  );
  return [value, keep];
}
