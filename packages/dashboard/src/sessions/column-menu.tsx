import { useNavigate, useSearch } from "@tanstack/react-router";
import { Columns3 } from "lucide-react";
import { omit } from "../url/search.ts";
import { columnNames, columnTitles, formatColumns, readColumns } from "./columns.tsx";
import { DropDown } from "./drop-down.tsx";

/** Which columns the table has. */
export function ColumnMenu(): React.ReactNode {
  const search = useSearch({ from: "/sessions" });
  const navigate = useNavigate();
  const chosen = readColumns(search.cols);
  return (
    <DropDown label="Columns" icon={<Columns3 className="size-3.5" aria-hidden />}>
      {() => (
        <>
          {columnNames.map((name) => (
            <label
              key={name}
              className="flex min-h-7 cursor-pointer items-center gap-2 rounded px-2 hover:bg-sunken"
            >
              <input
                type="checkbox"
                className="size-3.5 accent-accent"
                checked={chosen.includes(name)}
                disabled={name === "cause"}
                onChange={() => {
                  const next = chosen.includes(name)
                    ? chosen.filter((one) => one !== name)
                    : [...chosen, name];
                  const cols = formatColumns(next);
                  void navigate({
                    to: "/sessions",
                    search: (before) => ({
                      ...omit(before, "cols"),
                      ...(cols === undefined ? {} : { cols }),
                    }),
                    replace: true,
                  });
                }}
              />
              {columnTitles[name]}
            </label>
          ))}
          <p className="px-2 pt-1 text-xs text-ink-soft">Narrow tables show fewer of them.</p>
        </>
      )}
    </DropDown>
  );
}
