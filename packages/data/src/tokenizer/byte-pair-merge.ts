/**
 * Byte-pair merging: of all neighboring parts whose joined bytes are a token, the pair with the lowest id is joined
 * first (the leftmost of equals), until no pair is a token. Ids are ranks, so a lower id is an earlier merge.
 */

/** Byte strings are kept as JavaScript strings with one byte per character, which a Map looks up quickly. */
export interface MergeTable {
  readonly idOfBytes: ReadonlyMap<string, number>;
}

/** Above this many bytes a heap finds the next pair; below it, looking at all of them is quicker. */
const longPiece = 128;

/**
 * @param bytes the piece's UTF-8 bytes, one byte per character
 * @returns the ids of the merged parts
 */
export function mergeBytePairs(bytes: string, table: MergeTable): number[] {
  const whole = table.idOfBytes.get(bytes);
  if (whole !== undefined) return [whole];
  return bytes.length <= longPiece ? mergeByScan(bytes, table) : mergeByHeap(bytes, table);
}

function mergeByScan(bytes: string, { idOfBytes }: MergeTable): number[] {
  // starts[i] .. starts[i + 1] is part i; ranks[i] is the id that parts i and i + 1 would become, Infinity if none.
  const starts: number[] = [];
  for (let i = 0; i <= bytes.length; i++) starts.push(i);
  const rankAt = (part: number): number => {
    const end = starts[part + 2];
    return end === undefined ? Infinity : (idOfBytes.get(bytes.slice(starts[part], end)) ?? Infinity);
  };
  const ranks: number[] = [];
  for (let i = 0; i < bytes.length; i++) ranks.push(rankAt(i));
  for (;;) {
    let lowest = Infinity;
    let at = -1;
    for (let i = 0; i < ranks.length; i++) {
      const rank = ranks[i]!;
      if (rank < lowest) {
        lowest = rank;
        at = i;
      }
    }
    if (at < 0) break;
    starts.splice(at + 1, 1);
    ranks.splice(at, 1);
    ranks[at] = rankAt(at);
    if (at > 0) ranks[at - 1] = rankAt(at - 1);
  }
  const ids: number[] = [];
  for (let i = 0; i + 1 < starts.length; i++) ids.push(idOfBytes.get(bytes.slice(starts[i], starts[i + 1]))!);
  return ids;
}

/** Merges as above in n log n: parts are a linked list over start positions, candidate pairs wait in a heap. */
function mergeByHeap(bytes: string, { idOfBytes }: MergeTable): number[] {
  const length = bytes.length;
  const next = new Int32Array(length + 1);
  const previous = new Int32Array(length + 1);
  for (let i = 0; i <= length; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
  }
  const rankAt = new Float64Array(length).fill(Infinity);
  // One number orders the candidates: rank first, then position (positions are below 2^31, ranks below 2^18).
  const heap = new MinimumHeap();
  const consider = (start: number): void => {
    const middle = next[start]!;
    const rank = middle < length ? (idOfBytes.get(bytes.slice(start, next[middle])) ?? Infinity) : Infinity;
    rankAt[start] = rank;
    if (rank !== Infinity) heap.push(rank * 2 ** 31 + start);
  };
  for (let i = 0; i < length; i++) consider(i);
  for (let candidate = heap.pop(); candidate !== undefined; candidate = heap.pop()) {
    const start = candidate % 2 ** 31;
    // A candidate whose parts have changed since it was pushed no longer has the rank it was pushed with.
    if (rankAt[start] !== Math.floor(candidate / 2 ** 31)) continue;
    const middle = next[start]!;
    const end = next[middle]!;
    next[start] = end;
    previous[end] = start;
    rankAt[middle] = Infinity;
    consider(start);
    if (start > 0) consider(previous[start]!);
  }
  const ids: number[] = [];
  for (let start = 0; start < length; start = next[start]!) ids.push(idOfBytes.get(bytes.slice(start, next[start]))!);
  return ids;
}

/** A binary heap of numbers, the smallest on top. */
class MinimumHeap {
  readonly #items: number[] = [];

  push(item: number): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent]! <= item) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1]! < items[child]!) child++;
      if (items[child]! >= last) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
