/** Lies over a page while files are held above it. */
export function DropHint({ children }: { readonly children: React.ReactNode }): React.ReactNode {
  return (
    <div className="pointer-events-none absolute inset-2 z-30 grid place-items-center rounded-xl border-2 border-dashed border-accent bg-page/85 text-base font-semibold">
      {children}
    </div>
  );
}
