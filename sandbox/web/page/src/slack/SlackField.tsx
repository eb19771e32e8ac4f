/** An input block as Slack draws it, with the error beside the field. */

import { useId } from "react";
import { write } from "../shared/drafts";
import type { Field } from "./blocks";

interface Props {
  field: Field;
  value: string;
  draftKey: string;
  error: string | undefined;
}

export function SlackField({ field, value, draftKey, error }: Props) {
  const id = useId();
  const change = (to: string) => write(draftKey, field.name, to);
  const described = [field.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const notes = (
    <>
      {field.hint && (
        <p className="slack-hint" id={`${id}-hint`}>
          {field.hint}
        </p>
      )}
      {error && (
        <p className="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </>
  );
  if (field.kind === "radio_buttons") {
    return (
      <fieldset className="slack-field" data-field={field.name} aria-describedby={described}>
        <legend>
          <Label field={field} />
        </legend>
        <div className="slack-radios">
          {field.groups
            .flatMap((group) => group.options)
            .map((option) => (
              <label key={option.value}>
                <input
                  type="radio"
                  name={id}
                  value={option.value}
                  checked={value === option.value}
                  aria-invalid={error ? true : undefined}
                  onChange={() => change(option.value)}
                />
                <span>{option.label}</span>
              </label>
            ))}
        </div>
        {notes}
      </fieldset>
    );
  }
  return (
    <div className="slack-field" data-field={field.name}>
      <label htmlFor={id}>
        <Label field={field} />
      </label>
      <Control field={field} id={id} value={value} change={change} described={described} isWrong={Boolean(error)} />
      {notes}
    </div>
  );
}

function Label({ field }: { field: Field }) {
  return (
    <>
      {field.label}
      {field.isOptional && <span className="slack-optional"> (optional)</span>}
    </>
  );
}

interface ControlProps {
  field: Field;
  id: string;
  value: string;
  change: (to: string) => void;
  described: string | undefined;
  isWrong: boolean;
}

function Control({ field, id, value, change, described, isWrong }: ControlProps) {
  const shared = {
    id,
    value,
    "aria-describedby": described,
    "aria-invalid": isWrong || undefined,
    "aria-required": !field.isOptional,
    placeholder: field.placeholder || undefined,
  };
  if (field.kind === "static_select") {
    const { placeholder, ...rest } = shared;
    return (
      <select {...rest} onChange={(event) => change(event.target.value)}>
        <option value="">{placeholder ?? "Choose one"}</option>
        {field.groups.map((group, index) =>
          group.label === null ? (
            <Options key={index} group={group.options} />
          ) : (
            <optgroup key={index} label={group.label}>
              <Options group={group.options} />
            </optgroup>
          ),
        )}
      </select>
    );
  }
  if (field.multiline) return <textarea {...shared} rows={3} onChange={(event) => change(event.target.value)} />;
  const type = field.kind === "datepicker" ? "date" : "text";
  return <input {...shared} type={type} onChange={(event) => change(event.target.value)} />;
}

function Options({ group }: { group: Field["groups"][number]["options"] }) {
  return group.map((option) => (
    <option key={option.value} value={option.value}>
      {option.label}
    </option>
  ));
}
