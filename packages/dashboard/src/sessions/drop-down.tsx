import { ChevronDown } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";

interface Props {
  readonly label: string;
  readonly icon?: React.ReactNode;
  readonly children: (close: () => void) => React.ReactNode;
}

/** A button and what it opens below it. Escape, a click elsewhere, or leaving it with Tab closes it. */
export function DropDown({ label, icon, children }: Props): React.ReactNode {
  const [isOpen, setIsOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (!isOpen) return;
    const onPointerDown = (event: PointerEvent): void => {
      if (event.target instanceof Node && root.current?.contains(event.target) !== true) setIsOpen(false);
    };
    document.addEventListener("pointerdown", onPointerDown);
    return () => document.removeEventListener("pointerdown", onPointerDown);
  }, [isOpen]);
  return (
    <div
      ref={root}
      className="relative"
      onBlur={(event) => {
        if (event.relatedTarget !== null && root.current?.contains(event.relatedTarget) !== true)
          setIsOpen(false);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.stopPropagation();
        setIsOpen(false);
        button.current?.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        className="btn"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setIsOpen(!isOpen)}
      >
        {icon}
        {label}
        <ChevronDown className="size-3.5 text-ink-soft" aria-hidden />
      </button>
      {isOpen && (
        <section
          id={id}
          aria-label={label}
          className="card absolute right-0 z-20 mt-1 max-h-[70dvh] w-64 max-w-[90vw] overflow-y-auto bg-raised p-2 text-table shadow-lg"
        >
          {children(() => setIsOpen(false))}
        </section>
      )}
    </div>
  );
}
