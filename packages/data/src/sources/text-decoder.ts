import { InputError } from '@dynact/files';

/** Bytes of one file to text. */
export interface FileDecoder {
  /** A canonical label; `latin-1`, which WHATWG reads as windows-1252, is ISO 8859-1. */
  readonly encoding: string;
  /** @param bytes the next of the file, none at its end @throws TypeError for bytes that the encoding does not have */
  decode(bytes?: Uint8Array): string;
}

/** Files that are not valid UTF-8 are of the encoding behind it. */
export const utf8Or = 'utf-8-or-';

/** Whether a definition may name it: a label of WHATWG's Encoding Standard, `latin-1`, or `utf-8-or-` one of them. */
export function isTextEncoding(label: string): boolean {
  const name = label.startsWith(utf8Or) ? label.slice(utf8Or.length) : label;
  return name === 'latin-1' || canonical(name) !== undefined;
}

function canonical(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/**
 * @param label one that `isTextEncoding` takes, without `utf-8-or-`
 * @param start the file's first bytes, three if it has so many: a byte order mark says more than a label
 */
export function createFileDecoder(label: string, start: Uint8Array): FileDecoder {
  const encoding = markedEncoding(start) ?? (label === 'latin-1' ? label : (canonical(label) ?? label));
  if (encoding === 'latin-1' || encoding === 'windows-1252') {
    const decode = (bytes: Uint8Array = new Uint8Array()): string => Buffer.from(bytes).toString('latin1');
    return { encoding, decode: encoding === 'latin-1' ? decode : (bytes) => asWindows1252(decode(bytes)) };
  }
  const decoder = new TextDecoder(encoding, { fatal: true });
  return { encoding, decode: (bytes) => decoder.decode(bytes, { stream: bytes !== undefined }) };
}

function markedEncoding([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

/** Characters of the bytes 0x80 to 0x9f, five of which stand for nothing. Node 20's own decoder takes them as Latin-1. */
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function asWindows1252(latin1: string): string {
  return latin1.replace(/[\u0080-\u009f]/g, (character) => windows1252[character.charCodeAt(0) - 0x80]!);
}

/** The encoding of Windows that is often taken for another one, which has control characters instead of its quotes. */
const likely: Readonly<Record<string, string>> = {
  'iso-8859-2': 'windows-1250',
  'iso-8859-4': 'windows-1257',
  'iso-8859-5': 'windows-1251',
  'iso-8859-6': 'windows-1256',
  'iso-8859-7': 'windows-1253',
  'iso-8859-8': 'windows-1255',
  'iso-8859-13': 'windows-1257',
};

/** @throws InputError for a control character that no text of a one-byte encoding holds: it is of another encoding */
export function refuseControls(text: string, { encoding }: FileDecoder, path: string, byte: number): void {
  if (/^(?:utf|gb)/.test(encoding)) return;
  const control = /[\u0080-\u009f]/.exec(text)?.[0];
  if (control === undefined) return;
  const code = control.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  const other = likely[encoding] ?? (/^(?:latin|iso)/.test(encoding) ? 'windows-1252' : undefined);
  const advice = other === undefined ? 'correct "encoding" in its definition' : `say "encoding": "${other}" instead`;
  throw new InputError('dataset', `${path} is no text of ${encoding}: U+${code} after byte ${byte}: ${advice}`);
}
