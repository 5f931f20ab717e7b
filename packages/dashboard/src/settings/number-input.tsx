import { useState } from "react";
import { control } from "./parts.tsx";

interface Props extends Omit<
  React.InputHTMLAttributes<HTMLInputElement>,
  "value" | "onChange" | "type" | "className"
> {
  readonly value: number | null;
  /** Null: the field is empty. */
  readonly onNumber: (value: number | null) => void;
  readonly className?: string;
}

/** A field for a number that can be empty while one types. */
export function NumberInput({ value, onNumber, className = "", ...rest }: Props): React.ReactNode {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <input
      {...rest}
      type="number"
      className={`${control} ${className}`}
      value={typed ?? (value === null ? "" : String(value))}
      onChange={({ target }) => {
        setTyped(target.value);
        onNumber(Number.isNaN(target.valueAsNumber) ? null : target.valueAsNumber);
      }}
      onBlur={() => setTyped(null)}
    />
  );
}
