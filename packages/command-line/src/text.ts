/** Text of several lines as a printable one. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s*\n\s*/g, ' '));
}

/**
 * Text from a file as a terminal may show it: characters that a terminal obeys, and marks that turn the order of text
 * around, are written as escapes. Line feeds and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A word of a command that a person may paste: in quotes where a shell would take it apart. */
export function shellWord(word: string): string {
  if (/^[\p{L}\p{N}_./:=,+-]+$/u.test(word)) return word;
  const isPlain = process.platform === 'win32' || !/["$`!\\]/.test(word);
  return isPlain ? `"${word}"` : shellQuoted(word);
}

/** Any text as one word of a shell's script. */
export function shellQuoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Rows as printable text with aligned columns: the first to the left, the others to the right. */
export function textTable(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(printable));
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
