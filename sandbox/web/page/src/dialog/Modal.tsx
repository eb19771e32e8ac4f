/** A window over the page: the browser keeps focus inside it, Escape closes, focus comes back to where it was. */

import { useEffect, useId, useRef } from "react";
import type { ReactNode } from "react";

interface Props {
  title: string;
  look: string;
  onClose: () => void;
  children: ReactNode;
}

export function Modal({ title, look, onClose, children }: Props) {
  const id = useId();
  const frame = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    const before = document.activeElement;
    const dialog = frame.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>(".modal-body :is(input, textarea, select)")?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  return (
    <dialog
      ref={frame}
      className={`modal ${look}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header className="modal-head">
        <h2 id={id}>{title}</h2>
        <button type="button" className="modal-close" aria-label="Close the dialog" onClick={onClose}>
          <span aria-hidden="true">×</span>
        </button>
      </header>
      {children}
    </dialog>
  );
}
