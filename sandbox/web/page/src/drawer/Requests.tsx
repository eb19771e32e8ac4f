/** The last requests between the bot and the two platforms, newest first, with what was answered. */

import { api } from "../api/client";
import type { PlatformRequest } from "../api/types";
import { dayAndTime } from "../shared/times";
import { Pretty } from "./Pretty";
import { useFetched } from "./useFetched";

const PLATFORMS = { slack: "Slack", teams: "Teams" };

export function Requests({ version, zone }: { version: number; zone: string }) {
  const { answer, problem } = useFetched(api.requests, version);
  if (problem) return <p className="problem">{problem}</p>;
  if (!answer) return null;
  return (
    <>
      <p className="drawer-note">The last {answer.requests.length} requests. Every one is signed and checked as on the real platform.</p>
      <ol className="drawer-list">
        {[...answer.requests].reverse().map((one) => (
          <Entry key={one.number} one={one} zone={zone} />
        ))}
      </ol>
    </>
  );
}

function Entry({ one, zone }: { one: PlatformRequest; zone: string }) {
  return (
    <li>
      <details>
        <summary>
          <span className="drawer-number">{one.number}</span> <time dateTime={one.at}>{dayAndTime(one.at, zone)}</time>{" "}
          <span className={`platform-mark is-${one.platform}`}>{PLATFORMS[one.platform]}</span> <span>{one.direction}</span>{" "}
          <strong>{[one.method, one.name ?? one.url].filter(Boolean).join(" ")}</strong> {one.status != null && <span>{one.status}</span>}
        </summary>
        <div className="drawer-pair">
          <div>
            <h3>Request</h3>
            <Pretty label={`Request ${one.number}`} value={one.request} />
          </div>
          <div>
            <h3>Response</h3>
            <Pretty label={`Response ${one.number}`} value={one.response} />
          </div>
        </div>
      </details>
    </li>
  );
}
