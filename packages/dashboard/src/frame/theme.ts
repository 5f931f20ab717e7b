import { useSyncExternalStore } from "react";
import type { ThemeName } from "../charts/colors.ts";
import { isPrinting, onPrinting } from "./printing.ts";

/** What the reader chose; "system" follows the machine. */
export type ThemeChoice = "system" | ThemeName;

// The same key is read by public/theme.js before the first paint.
const storageKey = "peerscope-theme";
const listeners = new Set<() => void>();
const systemDark = matchMedia("(prefers-color-scheme: dark)");
let choice: ThemeChoice = readChoice();

function readChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(storageKey);
    return stored === "dark" || stored === "light" ? stored : "system";
  } catch {
    return "system";
  }
}

function resolved(): ThemeName {
  // Paper is white.
  if (isPrinting()) return "light";
  if (choice !== "system") return choice;
  return systemDark.matches ? "dark" : "light";
}

function apply(): void {
  document.documentElement.dataset["theme"] = resolved();
  for (const listener of listeners) listener();
}

systemDark.addEventListener("change", apply);
onPrinting(apply);

/** Changes the theme at once and for the next visit; charts redraw by themselves. */
export function chooseTheme(next: ThemeChoice): void {
  choice = next;
  try {
    localStorage.setItem(storageKey, next);
  } catch {
    // Storage is off: the choice lasts as long as the page.
  }
  apply();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The theme on the screen now. */
export function useTheme(): ThemeName {
  return useSyncExternalStore(subscribe, resolved);
}

/** The reader's choice. */
export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, () => choice);
}
