/** Whether a path pattern has wildcards: `*` and `?` inside a name, `**` across folders. */
export function hasWildcards(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

/**
 * Tells the paths (with forward slashes) that a pattern matches. All ways through the pattern are followed at once, so
 * that no path takes longer than its length times the pattern's: a regular expression would try them one by one.
 */
export function globMatcher(pattern: string): (path: string) => boolean {
  const parts = pattern.match(/\*\*\/|\*\*|./gsu) ?? [];
  // Any number of whole folders: a place to step over them, and a place inside them.
  const tokens = parts.flatMap((part) => (part === '**/' ? ['over', 'inside'] : [part]));
  return (path) => {
    let places = reach(new Set([0]), tokens);
    for (const character of path) {
      const next = new Set<number>();
      for (const place of places) {
        const token = tokens[place];
        const takes = token === 'inside' || token === '**' || (token === '*' && character !== '/');
        if (takes) next.add(place);
        const passes = token === 'inside' ? character === '/' : token === '?' ? character !== '/' : token === character;
        if (passes) next.add(place + 1);
      }
      places = reach(next, tokens);
    }
    return places.has(tokens.length);
  };
}

/** Adds the places that are reached without taking a character. */
function reach(places: Set<number>, tokens: readonly string[]): Set<number> {
  // A set's iteration also meets the members that are added during it.
  for (const place of places) {
    const token = tokens[place];
    if (token === '*' || token === '**' || token === 'over') places.add(place + 1);
    if (token === 'over') places.add(place + 2);
  }
  return places;
}
