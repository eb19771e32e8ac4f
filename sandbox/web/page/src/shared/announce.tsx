/** What a screen reader hears without moving: new messages, what an act brought, where the clock stands. */

import { useEffect, useState } from "react";

type Hear = (words: string) => void;
const ears = new Set<Hear>();

export function announce(words: string): void {
  for (const hear of ears) hear(words);
}

export function Announcer() {
  const [said, setSaid] = useState<{ words: string; times: number }>({ words: "", times: 0 });

  useEffect(() => {
    const hear: Hear = (words) => setSaid((last) => ({ words, times: last.times + 1 }));
    ears.add(hear);
    return () => {
      ears.delete(hear);
    };
  }, []);

  // A space of no width makes the same words new again, so that they are read a second time.
  return (
    <div className="only-heard" role="status" aria-live="polite" data-testid="announcer">
      {said.words + "\u200b".repeat(said.times % 2)}
    </div>
  );
}
