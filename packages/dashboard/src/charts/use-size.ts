import { useEffect, useState, type RefObject } from "react";
import { usePrinting } from "../frame/printing.ts";

/** Width of an element in CSS pixels; 0 before it is laid out. */
export function useWidth(ref: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver((entries) => {
      const entry = entries.at(-1);
      if (entry !== undefined) setWidth(Math.round(entry.contentRect.width));
    });
    observer.observe(element);
    setWidth(Math.round(element.getBoundingClientRect().width));
    return () => observer.disconnect();
  }, [ref]);
  return width;
}

/** What is so close to the viewport is drawn already, in CSS pixels. */
const nearPx = 160;

/** Whether an element is in the viewport or close to it. On paper everything is. */
export function useInSight(ref: RefObject<HTMLElement | null>): boolean {
  const [inSight, setInSight] = useState(false);
  const printing = usePrinting();
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      (entries) => setInSight(entries.at(-1)?.isIntersecting === true),
      { rootMargin: `${nearPx}px 0px` },
    );
    observer.observe(element);
    // The observer tells it after the next frame: what is seen first need not wait for that.
    const { top, bottom } = element.getBoundingClientRect();
    setInSight(top < innerHeight + nearPx && bottom > -nearPx);
    return () => observer.disconnect();
  }, [ref]);
  return inSight || printing;
}
