/** Ids in a row that grows as needed and is used again and again: encoding makes millions of them. */
export class IdBuffer {
  #ids: Uint32Array<ArrayBuffer>;
  #length = 0;

  /** @param capacity ids to make room for at first */
  constructor(capacity = 1024) {
    this.#ids = new Uint32Array(Math.max(16, capacity));
  }

  push(id: number): void {
    if (this.#length === this.#ids.length) {
      const larger = new Uint32Array(2 * this.#length);
      larger.set(this.#ids);
      this.#ids = larger;
    }
    this.#ids[this.#length++] = id;
  }

  /** The ids so far: a view that the next push may change. */
  view(): Uint32Array<ArrayBuffer> {
    return this.#ids.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }
}
