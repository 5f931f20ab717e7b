import { Minus, Plus } from "lucide-react";
import { useSession } from "./context.tsx";
import { useChosen } from "./use-range.ts";

/** Zooming without dragging. */
export function ZoomButtons(): React.ReactNode {
  const { view } = useSession();
  const chosen = useChosen(view);
  return (
    <div className="flex items-center gap-1 max-lg:mt-1" data-no-cursor>
      <button
        type="button"
        className="btn-quiet"
        aria-label="Zoom in"
        title="Zoom in (+)"
        onClick={() => view.zoom(0.5)}
      >
        <Plus className="size-4" aria-hidden />
      </button>
      <button
        type="button"
        className="btn-quiet"
        aria-label="Zoom out"
        title="Zoom out (-)"
        onClick={() => view.zoom(2)}
      >
        <Minus className="size-4" aria-hidden />
      </button>
      <button
        type="button"
        className="btn"
        disabled={!chosen}
        title="Whole session (0)"
        onClick={() => view.reset()}
      >
        Reset
      </button>
    </div>
  );
}
