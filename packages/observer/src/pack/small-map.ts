/*
 * Collections that mostly have no entry, or a few: a session has dozens of them. An empty Map takes 180 bytes and one of six entries
 * 260; here it is 50 and 180. What has many entries is a Map or a Set after all, so that nothing takes longer in a session that is
 * large or hostile.
 */

/** Entries up to which looking through them is as fast as a Map. Ours. */
const few = 16;

/** Entries from which a list is pushed to: what is pushed to keeps room for sixteen more. Most lists have two. */
const pushedFrom = 3;

const nothing: never[] = [];

/**
 * A Map, as far as it is used here; entries are in the order in which their keys came. Whoever goes through it may delete what it
 * sees.
 */
export class SmallMap<Key extends string | number, Value> {
  private keyList: Key[] = nothing;
  private valueList: Value[] = nothing;
  private many: Map<Key, Value> | null = null;

  get size(): number {
    return this.many === null ? this.keyList.length : this.many.size;
  }

  get(key: Key): Value | undefined {
    if (this.many !== null) return this.many.get(key);
    const keys = this.keyList;
    for (let place = 0; place < keys.length; place += 1)
      if (keys[place] === key) return this.valueList[place];
    return undefined;
  }

  /** The same as `get`, at once when the entry is at that place. */
  getNear(key: Key, place: number): Value | undefined {
    return this.keyList[place] === key ? this.valueList[place] : this.get(key);
  }

  has(key: Key): boolean {
    return this.many === null ? this.keyList.includes(key) : this.many.has(key);
  }

  /** Takes as little memory as possible, for what is kept. */
  set(key: Key, value: Value): void {
    if (this.replace(key, value)) return;
    // Not pushed: that would keep room for sixteen more.
    this.keyList = this.keyList.concat([key]);
    this.valueList = this.valueList.concat([value]);
  }

  /** The same as `set`, as fast as possible, for what is soon thrown away. */
  put(key: Key, value: Value): void {
    if (this.replace(key, value)) return;
    if (this.keyList.length === 0) {
      this.keyList = [key];
      this.valueList = [value];
    } else if (this.keyList.length < pushedFrom) {
      this.keyList = [...this.keyList, key];
      this.valueList = [...this.valueList, value];
    } else {
      this.keyList.push(key);
      this.valueList.push(value);
    }
  }

  /** The key is known, or it went into the Map. */
  private replace(key: Key, value: Value): boolean {
    if (this.many === null) {
      const place = this.keyList.indexOf(key);
      if (place >= 0) {
        this.valueList[place] = value;
        return true;
      }
      if (this.keyList.length < few) return false;
      this.many = new Map(this.toEntries());
      this.keyList = nothing;
      this.valueList = nothing;
    }
    this.many.set(key, value);
    return true;
  }

  delete(key: Key): boolean {
    if (this.many !== null) return this.many.delete(key);
    const place = this.keyList.indexOf(key);
    if (place < 0) return false;
    // New lists: whoever goes through the old ones goes on.
    this.keyList = this.keyList.toSpliced(place, 1);
    this.valueList = this.valueList.toSpliced(place, 1);
    return true;
  }

  clear(): void {
    this.keyList = nothing;
    this.valueList = nothing;
    this.many = null;
  }

  keys(): Iterable<Key> {
    return this.many === null ? this.keyList : this.many.keys();
  }

  values(): Iterable<Value> {
    return this.many === null ? this.valueList : this.many.values();
  }

  [Symbol.iterator](): Iterator<[Key, Value]> {
    return this.many === null ? this.toEntries().values() : this.many.entries();
  }

  private toEntries(): [Key, Value][] {
    const entries: [Key, Value][] = [];
    for (const [place, value] of this.valueList.entries()) {
      const key = this.keyList[place];
      if (key !== undefined) entries.push([key, value]);
    }
    return entries;
  }
}

/** A Set, as far as it is used here. */
export class SmallSet<Key> {
  private keyList: Key[] = nothing;
  private many: Set<Key> | null = null;

  get size(): number {
    return this.many === null ? this.keyList.length : this.many.size;
  }

  has(key: Key): boolean {
    return this.many === null ? this.keyList.includes(key) : this.many.has(key);
  }

  add(key: Key): void {
    if (this.has(key)) return;
    if (this.many === null && this.keyList.length >= few) {
      this.many = new Set(this.keyList);
      this.keyList = nothing;
    }
    if (this.many === null) this.keyList = this.keyList.concat([key]);
    else this.many.add(key);
  }

  delete(key: Key): boolean {
    if (this.many !== null) return this.many.delete(key);
    const place = this.keyList.indexOf(key);
    if (place < 0) return false;
    this.keyList = this.keyList.toSpliced(place, 1);
    return true;
  }

  clear(): void {
    this.keyList = nothing;
    this.many = null;
  }

  [Symbol.iterator](): Iterator<Key> {
    return this.many === null ? this.keyList.values() : this.many.values();
  }
}
