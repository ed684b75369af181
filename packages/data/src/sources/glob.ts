/** Whether a path pattern has wildcards: `*` and `?` inside a name, `**` across folders. */
export function hasWildcards(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

/** The paths (with forward slashes) that a pattern matches. */
export function globExpression(pattern: string): RegExp {
  const expression = pattern.replace(/\*\*\/|\*\*|\*|\?|[\\^$.|+()[\]{}]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : `\\${part}`;
  });
  return new RegExp(`^${expression}$`);
}
