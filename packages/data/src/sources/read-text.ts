import type { SourceFormat } from '../definition.ts';
import { splitAtSeparator } from '../text/separator.ts';
import { type DocumentPart, type DocumentReader, documentName } from './documents.ts';
import { readText } from './text-blocks.ts';

/** A text file as documents: one of the file's name, or as many as separator lines make. */
export function textReader(format: Extract<SourceFormat, { kind: 'text' }>): DocumentReader {
  return async function* (file, hash) {
    const document = documentName(file.name);
    const splitter = format.separator === undefined ? undefined : splitAtSeparator(format.separator);
    let position = 0;
    for await (const block of readText(file, format.encoding, hash)) {
      position = block.position;
      const pieces = splitter === undefined ? [block.text] : splitter.push(block.text);
      yield { parts: asParts(document, pieces, false), position };
    }
    yield { parts: asParts(document, splitter?.end() ?? [''], true), position };
  };
}

function asParts(document: string, pieces: string[], lastEnds: boolean): DocumentPart[] {
  return pieces.map((text, index) => ({ document, text, last: lastEnds || index < pieces.length - 1 }));
}
