/** Something that holds native memory until it is disposed. */
export interface Disposable {
  dispose(): void;
}

/** Keeps the most recently used entries, and disposes of the one that was used longest ago when there are too many. */
export class SessionCache<T extends Disposable> {
  readonly #entries = new Map<string, T>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The entry of this key, which counts as a use. */
  find(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      // A Map iterates in order of insertion: inserting again makes this entry the youngest.
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry;
  }

  add(key: string, entry: T): void {
    this.#entries.get(key)?.dispose();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const [oldest, old] of this.#entries) {
      if (this.#entries.size <= this.#capacity) break;
      this.#entries.delete(oldest);
      old.dispose();
    }
  }

  dispose(): void {
    for (const entry of this.#entries.values()) entry.dispose();
    this.#entries.clear();
  }
}
