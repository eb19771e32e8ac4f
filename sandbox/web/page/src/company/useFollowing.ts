/** A conversation follows what arrives, unless somebody has scrolled up or is busy in a message. */

import { useCallback, useLayoutEffect, useRef, useState } from "react";
import type { RefObject } from "react";

const NEAR = 80;

export interface Following {
  /** What arrived below while the conversation was not followed. */
  isMoreBelow: boolean;
  onScroll: () => void;
  onFocus: () => void;
  /** Go to the end, and follow again. */
  follow: () => void;
  /** The same, for somebody who is at the end already. */
  followOn: () => void;
}

export interface Followed {
  /** Which conversation it is. */
  where: string;
  /** The id of its last message. */
  latest: string;
  /** Whether the last message is one's own, or an answer for oneself alone. */
  isForMe: boolean;
  /** Read from the top, never followed. */
  staysAtTop: boolean;
}

export function useFollowing(frame: RefObject<HTMLDivElement | null>, { where, latest, isForMe, staysAtTop }: Followed): Following {
  const follows = useRef(true);
  const scrolled = useRef(0);
  const seen = useRef({ where, latest });
  const [isMoreBelow, setMoreBelow] = useState(false);

  const toEnd = useCallback(() => {
    const shown = frame.current;
    if (!shown) return;
    shown.scrollTop = shown.scrollHeight;
    scrolled.current = shown.scrollTop;
  }, [frame]);

  // Cards are drawn after the page is, and grow: the end is followed as long as the content changes its size.
  useLayoutEffect(() => {
    follows.current = !staysAtTop;
    setMoreBelow(false);
    const [shown, content] = [frame.current, frame.current?.firstElementChild];
    if (!shown || !content) return;
    shown.scrollTop = 0;
    const watcher = new ResizeObserver(() => follows.current && toEnd());
    watcher.observe(content);
    return () => watcher.disconnect();
  }, [frame, where, staysAtTop, toEnd]);

  useLayoutEffect(() => {
    const before = seen.current;
    seen.current = { where, latest };
    if (before.where !== where || before.latest === latest || staysAtTop) return;
    if (isForMe) follows.current = true;
    if (follows.current) toEnd();
    else setMoreBelow(true);
  }, [where, latest, isForMe, staysAtTop, toEnd]);

  const isNear = () => {
    const shown = frame.current;
    return shown !== null && shown.scrollHeight - shown.scrollTop - shown.clientHeight < NEAR;
  };
  const follow = () => {
    follows.current = !staysAtTop;
    setMoreBelow(false);
    if (!staysAtTop) toEnd();
  };

  return {
    isMoreBelow,
    onScroll: () => {
      const shown = frame.current;
      if (!shown || staysAtTop) return;
      const isAtEnd = isNear();
      if (isAtEnd) setMoreBelow(false);
      // Only somebody who scrolls up stops following; content that grows moves nothing up.
      if (shown.scrollTop < scrolled.current && !isAtEnd) follows.current = false;
      else if (isAtEnd && !isBusyIn(shown)) follows.current = true;
      scrolled.current = shown.scrollTop;
    },
    onFocus: () => {
      if (frame.current && isBusyIn(frame.current)) follows.current = false;
    },
    follow,
    followOn: () => {
      if (isNear()) follow();
    },
  };
}

/** Whether the focus is in one of its messages. */
function isBusyIn(shown: HTMLElement): boolean {
  return shown !== document.activeElement && shown.contains(document.activeElement);
}
