import type { DatasetDefinition } from '../definition.ts';

export type Normalisation = DatasetDefinition['normalisation'];

/** Turns the text of one document, given piece by piece, into its normal form. The pieces' borders do not matter. */
export interface Normaliser {
  push(text: string): string;
  /** What is still held back; afterwards the next document can begin. */
  end(): string;
}

export function createNormaliser({ newlines, joinWrappedLines }: Normalisation): Normaliser {
  const steps: Normaliser[] = [];
  if (newlines === 'lf') steps.push(lineFeeds());
  if (joinWrappedLines) steps.push(joinedLines());
  return {
    push: (text) => steps.reduce((normal, step) => step.push(normal), text),
    end: () => steps.reduce((normal, step) => step.push(normal) + step.end(), ''),
  };
}

/** CR LF and CR become LF. */
function lineFeeds(): Normaliser {
  let heldReturn = false;
  return {
    push(text) {
      let held = heldReturn ? `\r${text}` : text;
      heldReturn = held.endsWith('\r');
      if (heldReturn) held = held.slice(0, -1);
      return held.includes('\r') ? held.replace(/\r\n?/g, '\n') : held;
    },
    end() {
      const rest = heldReturn ? '\n' : '';
      heldReturn = false;
      return rest;
    },
  };
}

/** Longer unfinished lines are passed on in parts, so that a file of one line needs no more memory than another. */
const longestHeldLine = 64 * 1024;

/**
 * The lines of a paragraph become one line, joined by single spaces; paragraphs stand apart by one empty line.
 * Spaces at both ends of a line are dropped.
 */
function joinedLines(): Normaliser {
  let line = '';
  /** What was written of this document: nothing, text of an unfinished line, a finished line, an empty line. */
  let written: 'nothing' | 'part' | 'line' | 'gap' = 'nothing';

  const write = (text: string, finished: boolean): string => {
    const content = written === 'part' ? text.trimEnd() : text.trim();
    if (content === '') {
      if (finished && written !== 'nothing') written = written === 'part' ? 'line' : 'gap';
      return '';
    }
    const before = written === 'line' ? ' ' : written === 'gap' ? '\n\n' : '';
    written = finished ? 'line' : 'part';
    return before + content;
  };

  return {
    push(text) {
      const lines = (line + text).split('\n');
      line = lines.pop() ?? '';
      let normal = '';
      for (const complete of lines) normal += write(complete, true);
      if (line.length > longestHeldLine) {
        // Cut before trailing spaces: whether they are the line's end is not known yet.
        const cut = line.trimEnd().length;
        normal += write(line.slice(0, cut), false);
        line = line.slice(cut);
      }
      return normal;
    },
    end() {
      const rest = write(line, true);
      line = '';
      written = 'nothing';
      return rest === '' ? '' : rest;
    },
  };
}
