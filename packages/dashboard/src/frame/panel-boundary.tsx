import { Component, type ErrorInfo, type ReactNode } from "react";
import { TriangleAlert } from "lucide-react";

interface Props {
  /** What failed, as a person would name it: "this chart". */
  readonly what: string;
  readonly children: ReactNode;
}

/** A failing panel never takes the page with it: says what failed, and offers to try again. */
export class PanelBoundary extends Component<Props, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { readonly error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error(`${this.props.what} failed`, error, info.componentStack);
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <div role="alert" className="card flex flex-wrap items-center gap-3 p-3 text-table">
        <TriangleAlert className="size-4 text-poor" aria-hidden />
        <span>
          {this.props.what} could not be shown: {this.state.error.message.slice(0, 200)}. Everything else
          still works.
        </span>
        <button type="button" className="btn" onClick={() => this.setState({ error: null })}>
          Try again
        </button>
      </div>
    );
  }
}
