/** Cuts a stream of text into documents at lines that hold nothing but the separator. */
export interface DocumentSplitter {
  /** Each string of the answer but the last is the end of a document; the last belongs to the one that goes on. */
  push(text: string): string[];
  /** Documents of what was held back; the last string ends the last one. */
  end(): string[];
}

export function splitAtSeparator(separator: string): DocumentSplitter {
  /** The beginning of a line that may yet turn out to be the separator. */
  let held = '';
  /** Whether the text before `held` ends inside a line. */
  let insideLine = false;

  const split = (text: string): string[] => {
    const documents: string[] = [];
    let start = 0;
    for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + 1)) {
      const end = at + separator.length;
      const beginsLine = at === 0 ? !insideLine : text[at - 1] === '\n';
      const rest = /^\r?(?:\n|$)/.exec(text.slice(end, end + 2));
      if (!beginsLine || rest === null) continue;
      documents.push(text.slice(start, at));
      start = end + rest[0].length;
    }
    documents.push(text.slice(start));
    return documents;
  };

  return {
    push(text) {
      const whole = held + text;
      const lastLine = whole.lastIndexOf('\n') + 1;
      // A carriage return may follow the separator.
      const mayBeSeparator = whole.length - lastLine <= separator.length + 1 && !(lastLine === 0 && insideLine);
      const known = mayBeSeparator ? whole.slice(0, lastLine) : whole;
      held = whole.slice(known.length);
      const documents = split(known);
      if (known !== '') insideLine = !known.endsWith('\n');
      return documents;
    },
    end() {
      const documents = split(held);
      held = '';
      insideLine = false;
      return documents;
    },
  };
}
