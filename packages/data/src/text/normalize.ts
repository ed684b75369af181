import type { DatasetDefinition } from '../definition.ts';

export type Normalization = DatasetDefinition['normalization'];

/**
 * Turns the text of one document, given piece by piece, into its normal form. The result does not depend on where the
 * pieces are cut (white space of more than 64 Ki characters aside), and no more than about two pieces are held.
 */
export interface Normalizer {
  push(text: string): string;
  /** The rest that was held back; afterwards the next document can begin. */
  end(): string;
}

/** Longest stretch of white space that is kept: the rest is dropped, so that none has to be held whole. */
const longestWhitespace = 64 * 1024;
/** Longer unfinished lines are passed on in parts, so that a file of one line needs no more memory than another. */
const longestHeldLine = 64 * 1024;

export function createNormalizer({ newlines, joinWrappedLines }: Normalization): Normalizer {
  const steps = [
    ...(newlines === 'lf' ? [lineFeeds()] : []),
    ...(joinWrappedLines ? [joinedLines()] : []),
    trimmedDocument(),
  ];
  return {
    push: (text) => steps.reduce((normal, step) => step.push(normal), text),
    end: () => steps.reduce((normal, step) => step.push(normal) + step.end(), ''),
  };
}

/** CR LF and CR become LF. */
function lineFeeds(): Normalizer {
  let heldReturn = false;
  return {
    push(text) {
      if (text === '') return '';
      const whole = heldReturn ? `\r${text}` : text;
      heldReturn = whole.endsWith('\r');
      const known = heldReturn ? whole.slice(0, -1) : whole;
      return known.includes('\r') ? known.replace(/\r\n?/g, '\n') : known;
    },
    end() {
      const rest = heldReturn ? '\n' : '';
      heldReturn = false;
      return rest;
    },
  };
}

/** The document's first and last white space is dropped. */
function trimmedDocument(): Normalizer {
  let started = false;
  let held = '';
  return {
    push(text) {
      const content = text.trimEnd();
      if (content === '') {
        if (started && held.length < longestWhitespace) held = (held + text).slice(0, longestWhitespace);
        return '';
      }
      const before = started ? held + leadingWhitespace(text).slice(0, longestWhitespace - held.length) : '';
      held = text.slice(content.length, content.length + longestWhitespace);
      started = true;
      return before + content.trimStart();
    },
    end() {
      started = false;
      held = '';
      return '';
    },
  };
}

function leadingWhitespace(text: string): string {
  return text.slice(0, text.length - text.trimStart().length);
}

/**
 * The lines of a paragraph become one line, joined by single spaces; paragraphs stand apart by one empty line.
 * Spaces at both ends of a line are dropped.
 */
function joinedLines(): Normalizer {
  let line = '';
  /** The last thing written of this document: nothing yet, part of a line, a finished line, an empty line. */
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
        // Cut before trailing white space: whether it is the line's end is not known yet.
        const cut = line.trimEnd().length;
        if (cut > 0) normal += write(line.slice(0, cut), false);
        line = line.slice(cut, cut + longestWhitespace);
      }
      return normal;
    },
    end() {
      const rest = write(line, true);
      line = '';
      written = 'nothing';
      return rest;
    },
  };
}
