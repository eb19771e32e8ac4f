/** Behind the scenes: the audit trail, and what the bot and the platforms sent each other. */

import { useEffect, useId, useRef, useState } from "react";
import type { Person } from "../api/types";
import { Tabs, tabId } from "../shared/Tabs";
import { AuditTrail } from "./AuditTrail";
import { Requests } from "./Requests";

type Page = "audit" | "requests";

interface Props {
  people: Person[];
  version: number;
  zone: string;
  onClose: () => void;
}

export function Drawer({ people, version, zone, onClose }: Props) {
  const [page, setPage] = useState<Page>("audit");
  const panel = useId();
  const frame = useRef<HTMLElement>(null);

  useEffect(() => {
    frame.current?.querySelector<HTMLElement>("[role=tab][aria-selected=true]")?.focus();
  }, []);

  return (
    <aside
      ref={frame}
      id="drawer"
      className="drawer"
      aria-label="Behind the scenes"
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <div className="drawer-head">
        <h2>Behind the scenes</h2>
        <Tabs
          label="Behind the scenes"
          className="drawer-tabs"
          panel={panel}
          chosen={page}
          onChoose={setPage}
          tabs={[
            { key: "audit", label: "Audit trail" },
            { key: "requests", label: "Platform requests" },
          ]}
        />
        <button type="button" className="quiet" onClick={onClose}>
          Close
        </button>
      </div>
      <div id={panel} role="tabpanel" aria-labelledby={tabId(panel, page)} className="drawer-panel" tabIndex={0}>
        {page === "audit" ? <AuditTrail people={people} version={version} zone={zone} /> : <Requests version={version} zone={zone} />}
      </div>
    </aside>
  );
}
