import { InputError } from '@dynact/files';

const unpack = 'unpack it, and give the text in it';

/** Files that are taken for text, by their first bytes in Latin-1: what they are, and what to do. */
const formats: readonly { start: string; kind: string; advice: string }[] = [
  { start: '%PDF-', kind: 'a PDF', advice: 'save it as text first (such as with pdftotext)' },
  { start: '\x89PNG\r\n', kind: 'a PNG picture', advice: 'give a file of text' },
  { start: '\xff\xd8\xff', kind: 'a JPEG picture', advice: 'give a file of text' },
  { start: 'PK\x03\x04', kind: 'a ZIP archive (Word, LibreOffice and EPUB files are such)', advice: unpack },
  { start: '\x1f\x8b\x08', kind: 'a gzip archive', advice: `${unpack}, or name it .txt.gz where that is all it holds` },
  { start: '\x28\xb5\x2f\xfd', kind: 'a Zstandard archive', advice: `${unpack}, or name it .txt.zst` },
];

/** @throws InputError for a file that cannot be text, naming what it is */
export function refuseOtherFormats(path: string, start: Buffer): void {
  const found = formats.find((format) => start.toString('latin1', 0, format.start.length) === format.start);
  if (found !== undefined) throw new InputError('dataset', `${path} is ${found.kind}, not text: ${found.advice}`);
}
