/**
 * Which two tokens each token is merged from. Token files of this kind hold ranks only: the pair is what merging with
 * all lower ranks leaves of the token's bytes.
 * @param tokens the bytes of every id
 * @returns the two ids; undefined for single bytes, and for tokens that are only ever found as a whole piece
 */
export function joinedBy(tokens: readonly Uint8Array[]): (id: number) => [number, number] | undefined {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  const idOf = new Map<string, number>();
  for (const [id, bytes] of tokens.entries()) if (bytes.length > 0) idOf.set(text(bytes), id);
  return (id) => {
    const bytes = text(tokens[id]!);
    // gpt-tokenizer never merges into a token that begins with a byte order mark.
    if (bytes.length < 2 || bytes.startsWith('\u00ef\u00bb\u00bf')) return undefined;
    const parts = [...bytes];
    while (parts.length > 2) {
      let lowest = id;
      let at = -1;
      for (let index = 0; index + 1 < parts.length; index++) {
        const rank = idOf.get(parts[index]! + parts[index + 1]!);
        if (rank !== undefined && rank < lowest) {
          lowest = rank;
          at = index;
        }
      }
      if (at < 0) return undefined;
      parts.splice(at, 2, parts[at]! + parts[at + 1]!);
    }
    return [idOf.get(parts[0]!)!, idOf.get(parts[1]!)!];
  };
}
