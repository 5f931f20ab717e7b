interface Props {
  readonly onFiles: (files: readonly File[]) => void;
  readonly multiple?: boolean;
  readonly children: React.ReactNode;
}

/** A button that lets one choose files. It is the browser's own input, so keyboard and screen readers know it. */
export function FileButton({ onFiles, multiple = false, children }: Props): React.ReactNode {
  return (
    <label className="btn cursor-pointer has-focus-visible:outline-2 has-focus-visible:outline-accent">
      {children}
      <input
        type="file"
        multiple={multiple}
        className="sr-only"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file can be chosen again.
          event.target.value = "";
        }}
      />
    </label>
  );
}
