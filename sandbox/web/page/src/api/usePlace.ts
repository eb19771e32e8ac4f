/** One conversation as one person sees it, kept fresh. */

import { useEffect, useState } from "react";
import { api, sentence } from "./client";
import type { Place, PlaceName } from "./types";

export interface Shown {
  place: Place | null;
  problem: string | null;
}

export function usePlace(person: string, name: PlaceName, version: number): Shown {
  const [shown, setShown] = useState<Shown>({ place: null, problem: null });

  useEffect(() => {
    let wanted = true;
    api.place(person, name).then(
      (place) => wanted && setShown({ place, problem: null }),
      (error: unknown) => wanted && setShown({ place: null, problem: sentence(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [person, name, version]);

  const isOfPerson = shown.place?.person === person && shown.place.place === name;
  return isOfPerson || shown.problem ? shown : { place: null, problem: null };
}
