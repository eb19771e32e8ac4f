/** The time at one company, and whether people work there now. */

import type { Company } from "../api/types";
import { city, day, moment, time } from "../shared/times";

export function CompanyClock({ company, now }: { company: Company; now: string }) {
  const { name, zone, is_open, changes_at } = company;
  const until = changes_at ? moment(changes_at, now, zone) : null;
  const words = is_open ? `open${until ? ` until ${until}` : ""}` : `closed${until ? `, opens ${until}` : ""}`;
  return (
    <p className="clock-face">
      <span className="clock-label">
        {name}, {city(zone)}
      </span>
      <time dateTime={now}>
        <strong>{time(now, zone)}</strong> {day(now, zone)}
      </time>
      <span className={`clock-state ${is_open ? "is-open" : "is-closed"}`}>{words}</span>
    </p>
  );
}
