import { useRef, useState } from "react";

/** Handlers of the element that files are dropped on. */
interface DropHandlers {
  readonly onDragEnter: (event: React.DragEvent) => void;
  readonly onDragLeave: () => void;
  readonly onDragOver: (event: React.DragEvent) => void;
  readonly onDrop: (event: React.DragEvent) => void;
}

/** Takes files that are dropped. `over` while some are held above the element; text and links are left alone. */
export function useFileDrop(onFiles: (files: readonly File[]) => void): {
  readonly over: boolean;
  readonly handlers: DropHandlers;
} {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const hasFiles = (event: React.DragEvent): boolean => event.dataTransfer.types.includes("Files");
  return {
    over,
    handlers: {
      onDragEnter(event) {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth.current += 1;
        setOver(true);
      },
      onDragLeave() {
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setOver(false);
      },
      onDragOver(event) {
        if (hasFiles(event)) event.preventDefault();
      },
      onDrop(event) {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        onFiles([...event.dataTransfer.files]);
      },
    },
  };
}
