/** A row of buttons as Slack draws it. */

import type { Json } from "../api/types";
import { buttonsOf } from "./blocks";

interface Props {
  block: Json;
  isBusy: boolean;
  onPress: (token: string) => void;
}

export function SlackButtons({ block, isBusy, onPress }: Props) {
  return (
    <div className="slack-buttons">
      {buttonsOf(block).map((button) =>
        button.url ? (
          <a key={button.token} className={`slack-button is-${button.style}`} href={button.url} target="_blank" rel="noreferrer">
            {button.label}
          </a>
        ) : (
          <button
            key={button.token}
            type="button"
            className={`slack-button is-${button.style}`}
            aria-disabled={isBusy}
            aria-label={button.heard ?? undefined}
            data-token={button.token}
            onClick={() => !isBusy && onPress(button.token)}
          >
            {button.label}
          </button>
        ),
      )}
    </div>
  );
}
