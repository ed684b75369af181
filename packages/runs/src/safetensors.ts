import { firstIssue } from '@dynact/files/checked-json';
import { InputError } from '@dynact/files/input-error';
import { z } from 'zod';

/** The values of one tensor in row-major order. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Contents of a safetensors file: tensors by name, and free text by name. */
export interface SafetensorsContent {
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const bytesPerElement = 4;
/** No call of the system takes 2 GiB. */
export const pieceBytes = 2 ** 30;
const metadataKey = '__metadata__';
/** The published limit of the format: a longer header is refused before it is read. */
const longestHeader = 100_000_000;

const tensorEntry = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
type TensorEntry = z.infer<typeof tensorEntry>;
const metadataEntry = z.record(z.string(), z.string());

/** Bytes that can be read from any place: a file's, or those in memory. */
export interface ByteSource {
  readonly size: number;
  /** Fills `target` with the bytes from `position` on. */
  read(target: Uint8Array, position: number): void;
}

/**
 * The bytes of a safetensors file (https://github.com/huggingface/safetensors) in pieces of at most 1 GiB: eight bytes with
 * the length of the header (unsigned, little-endian), the header as JSON padded with spaces to a multiple of eight bytes,
 * the values. Types F32 and I32. Tensors lie as the reference implementation orders them (F32 before I32, then by name), so
 * equal content gives equal bytes whatever the order of the map.
 */
export function* safetensorsPieces(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Generator<Uint8Array> {
  const ordered = [...tensors].sort(
    ([nameA, a], [nameB, b]) => typeOf(a).localeCompare(typeOf(b)) || compareBytes(utf8(nameA), utf8(nameB)),
  );
  // Built as text: an object would move names such as "10" to the front.
  const entries: string[] = [];
  if (Object.keys(metadata).length > 0) entries.push(`"${metadataKey}":${JSON.stringify(metadata)}`);
  let offset = 0;
  for (const [name, tensor] of ordered) {
    if (name === metadataKey) throw new Error(`no tensor can be called ${metadataKey}: the format keeps that name`);
    if (elementCount(tensor.shape) !== tensor.data.length) {
      throw new Error(`tensor ${name}: shape [${tensor.shape}] does not fit ${tensor.data.length} values`);
    }
    const end = offset + tensor.data.byteLength;
    const entry = { dtype: typeOf(tensor), shape: tensor.shape, data_offsets: [offset, end] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    offset = end;
  }
  const text = utf8(`{${entries.join(',')}}`);
  const header = new Uint8Array(8 + Math.ceil(text.byteLength / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.byteLength - 8), true);
  header.set(text, 8);
  yield header;
  for (const [, { data }] of ordered) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (let start = 0; start < bytes.byteLength; start += pieceBytes) yield bytes.subarray(start, start + pieceBytes);
  }
}

/** Tensors as a safetensors file in memory. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const parts = [...safetensorsPieces(tensors, metadata)];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let position = 0;
  for (const part of parts) {
    bytes.set(part, position);
    position += part.byteLength;
  }
  return bytes;
}

/**
 * The tensors of a safetensors file in memory.
 * @param name the file in messages
 * @throws InputError, one line, when the bytes are cut off or are no safetensors file with F32 and I32 values
 */
export function decodeSafetensors(bytes: Uint8Array, name = 'safetensors file'): SafetensorsContent {
  const read = (target: Uint8Array, position: number) =>
    target.set(bytes.subarray(position, position + target.byteLength));
  return readSafetensorsFrom({ size: bytes.byteLength, read }, name);
}

/** As `decodeSafetensors`, from any source. Every claim of the header is checked before memory is taken for the values. */
export function readSafetensorsFrom(source: ByteSource, name: string): SafetensorsContent {
  const { size } = source;
  if (size < 8) throw new InputError('run-folder', `${name} is cut off: ${size} bytes, no header`);
  const length = new Uint8Array(8);
  source.read(length, 0);
  const headerLength = Number(new DataView(length.buffer).getBigUint64(0, true));
  if (headerLength > longestHeader) throw new InputError('run-folder', `${name} is not a safetensors file`);
  const start = 8 + headerLength;
  if (start > size) {
    throw new InputError('run-folder', `${name} is cut off: ${size} bytes, the header alone needs ${start}`);
  }
  const header = new Uint8Array(headerLength);
  source.read(header, 8);
  const { entries, metadata } = parseHeader(header, name);
  checkRanges(entries, size - start, name);
  const tensors = new Map<string, StoredTensor>();
  for (const [tensorName, { dtype, shape, data_offsets }] of entries) {
    const values = new ArrayBuffer(data_offsets[1] - data_offsets[0]);
    source.read(new Uint8Array(values), start + data_offsets[0]);
    tensors.set(tensorName, { shape, data: dtype === 'F32' ? new Float32Array(values) : new Int32Array(values) });
  }
  return { tensors, metadata };
}

/** @throws InputError where types or byte ranges are wrong, overlap, leave gaps, or do not end where the file does */
function checkRanges(entries: ReadonlyMap<string, TensorEntry>, valueBytes: number, name: string): void {
  let expected = 0;
  // By both ends: a tensor without elements begins where the next one does.
  const byPosition = [...entries].sort(
    ([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1],
  );
  for (const [tensorName, { dtype, shape, data_offsets }] of byPosition) {
    if (dtype !== 'F32' && dtype !== 'I32') {
      throw new InputError(
        'run-folder',
        `${name}: tensor ${quoted(tensorName)} has type ${quoted(dtype)}; only F32 and I32 can be read`,
      );
    }
    const [begin, end] = data_offsets;
    if (begin !== expected || end - begin !== elementCount(shape) * bytesPerElement) {
      throw new InputError(
        'run-folder',
        `${name}: tensor ${quoted(tensorName)} has byte range ${begin} to ${end}, which does not fit`,
      );
    }
    expected = end;
  }
  if (expected > valueBytes) {
    throw new InputError('run-folder', `${name} is cut off: it lacks ${expected - valueBytes} bytes of its values`);
  }
  if (expected < valueBytes) {
    throw new InputError('run-folder', `${name} has ${valueBytes - expected} bytes that belong to no tensor`);
  }
}

function parseHeader(
  bytes: Uint8Array,
  name: string,
): { entries: Map<string, TensorEntry>; metadata: Record<string, string> } {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new InputError('run-folder', `${name} is not a safetensors file: its header is not JSON`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new InputError('run-folder', `${name} is not a safetensors file: its header is not a JSON object`);
  }
  const checked = <Schema extends z.ZodType>(schema: Schema, key: string, value: unknown): z.output<Schema> => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new InputError('run-folder', `${name}: header entry ${quoted(key)}: ${firstIssue(parsed.error)}`);
  };
  const entries = new Map<string, TensorEntry>();
  let metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(header)) {
    if (key === metadataKey) metadata = checked(metadataEntry, key, value);
    else entries.set(key, checked(tensorEntry, key, value));
  }
  return { entries, metadata };
}

function typeOf(tensor: StoredTensor): 'F32' | 'I32' {
  return tensor.data instanceof Float32Array ? 'F32' : 'I32';
}

/** A name from a stranger's file: neither its line breaks nor its control characters reach a terminal. */
function quoted(name: string): string {
  return JSON.stringify(name).replace(/[\p{Cc}\p{Cf}]/gu, (each) => `\\u{${each.codePointAt(0)?.toString(16)}}`);
}

const encoder = new TextEncoder();

function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Below zero where `a` comes first: by the first byte that differs, else the shorter one. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 || at >= b.length ? a.length - b.length : a[at]! - b[at]!;
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
