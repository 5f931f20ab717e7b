import { Link } from "@tanstack/react-router";

/** A whole page that failed: says so, keeps the frame. */
export function RouteFailed({
  error,
  reset,
}: {
  readonly error: unknown;
  readonly reset?: () => void;
}): React.ReactNode {
  return (
    <div role="alert" className="mx-auto mt-16 max-w-lg p-6 text-center">
      <h1 className="text-lg font-semibold">This page could not be shown</h1>
      <p className="mt-2 text-ink-soft">
        {error instanceof Error ? error.message.slice(0, 300) : "Something unexpected happened."}
      </p>
      <div className="mt-4 flex justify-center gap-2">
        {reset !== undefined && (
          <button type="button" className="btn" onClick={reset}>
            Try again
          </button>
        )}
        <Link to="/sessions" className="btn">
          All sessions
        </Link>
      </div>
    </div>
  );
}

export function NotFound(): React.ReactNode {
  return (
    <div className="mx-auto mt-16 max-w-lg p-6 text-center">
      <h1 className="text-lg font-semibold">There is no such page</h1>
      <p className="mt-2 text-ink-soft">The link may be cut off, or belong to another version.</p>
      <Link to="/sessions" className="btn mt-4">
        All sessions
      </Link>
    </div>
  );
}

interface FailureProps {
  readonly title: string;
  readonly detail: string;
  readonly code?: string | null;
  readonly onRetry?: () => void;
  readonly children?: React.ReactNode;
}

/** Something that was asked for and did not come: what failed, the code to quote, and another try. */
export function Failure({ title, detail, code, onRetry, children }: FailureProps): React.ReactNode {
  return (
    <div role="alert" className="card mx-auto my-8 max-w-xl p-6">
      <h2 className="text-base font-semibold">{title}</h2>
      <p className="mt-1 text-ink-soft">{detail}</p>
      {code !== undefined && code !== null && (
        <p className="mt-1 text-xs text-ink-soft">
          Code: <code className="font-mono">{code}</code>
        </p>
      )}
      <div className="mt-4 flex gap-2">
        {onRetry !== undefined && (
          <button type="button" className="btn" onClick={onRetry}>
            Try again
          </button>
        )}
        {children}
      </div>
    </div>
  );
}
