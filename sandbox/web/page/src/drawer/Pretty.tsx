/** JSON as a developer reads it. */

export function Pretty({ label, value }: { label: string; value: unknown }) {
  return (
    <pre className="pretty" tabIndex={0} role="group" aria-label={label}>
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}
