/** One server-sent event. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/** An event without an end is cut off here, in characters: a server that never ends one must not fill the memory. Ours. */
const maxEventLength = 4_000_000;

/** Takes the text of an event stream in pieces of any size and gives back the events that are complete. */
export function createEventReader(): (piece: string) => StreamEvent[] {
  let rest = "";
  return (piece) => {
    const blocks = (rest + piece).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? "";
    if (rest.length > maxEventLength) throw new Error("An event of the stream has no end");
    return blocks.flatMap((block) => {
      let name = "message";
      const data: string[] = [];
      for (const line of block.split(/\r?\n/)) {
        const [, field, value = ""] = /^(event|data): ?(.*)$/s.exec(line) ?? [];
        if (field === "event") name = value;
        else if (field === "data") data.push(value);
      }
      return data.length === 0 ? [] : [{ name, data: data.join("\n") }];
    });
  };
}
