/** Cuts a stream of text into its lines, without their line feeds. */
export interface LineSplitter {
  push(text: string): string[];
  /** The last line, if the text does not end with a line feed. */
  end(): string[];
}

/** @param longest characters a line may have @throws whatever `tooLong` makes of the number of such a line */
export function splitLines(longest: number, tooLong: (line: number) => Error): LineSplitter {
  let parts: string[] = [];
  let length = 0;
  let line = 1;
  return {
    push(text) {
      const lines = text.split('\n');
      const unfinished = lines.pop() ?? '';
      if (lines.length > 0) {
        lines[0] = parts.join('') + lines[0];
        parts = [];
        length = 0;
      }
      parts.push(unfinished);
      length += unfinished.length;
      line += lines.length;
      if (length > longest) throw tooLong(line);
      return lines;
    },
    end() {
      const rest = parts.join('');
      parts = [];
      length = 0;
      line = 1;
      return rest === '' ? [] : [rest];
    },
  };
}
