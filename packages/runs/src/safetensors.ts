import { firstIssue, InputError } from '@dynact/files';
import { z } from 'zod';

/** The values of one tensor in row-major order. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** What a safetensors file holds: tensors by name, and free text by name. */
export interface SafetensorsContent {
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const bytesPerElement = 4;
const metadataKey = '__metadata__';
/** The published limit of the format: a longer header is refused before it is read. */
const longestHeader = 100_000_000;

const tensorEntry = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const metadataEntry = z.record(z.string(), z.string());

/**
 * Tensors as the bytes of a safetensors file (https://github.com/huggingface/safetensors): eight bytes with the length of
 * the header (unsigned, little-endian), the header as JSON padded with spaces to a multiple of eight bytes, the values.
 * Types F32 and I32. Tensors lie as the reference implementation orders them (F32 before I32, then by name), so equal
 * content gives equal bytes whatever the order of the map.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const ordered = [...tensors].sort(
    ([nameA, a], [nameB, b]) =>
      typeOf(a).localeCompare(typeOf(b)) || Buffer.compare(Buffer.from(nameA), Buffer.from(nameB)),
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
  const text = Buffer.from(`{${entries.join(',')}}`);
  const headerLength = Math.ceil(text.byteLength / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(text, 8);
  bytes.fill(0x20, 8 + text.byteLength, 8 + headerLength);
  let position = 8 + headerLength;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

/**
 * The tensors of a safetensors file. Every claim of the header is checked against the bytes.
 * @param name how messages call the file.
 * @throws InputError, one line, when the bytes are cut off or are no safetensors file with F32 and I32 values.
 */
export function decodeSafetensors(bytes: Uint8Array, name = 'safetensors file'): SafetensorsContent {
  if (bytes.byteLength < 8)
    throw new InputError('run-folder', `${name} is cut off: ${bytes.byteLength} bytes, no header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > longestHeader) throw new InputError('run-folder', `${name} is not a safetensors file`);
  const start = 8 + headerLength;
  if (start > bytes.byteLength) {
    throw new InputError(
      'run-folder',
      `${name} is cut off: ${bytes.byteLength} bytes, the header alone needs ${start}`,
    );
  }
  const { entries, metadata } = parseHeader(bytes.subarray(8, start), name);

  const tensors = new Map<string, StoredTensor>();
  let expected = 0;
  // By both ends: a tensor without elements begins where the next one does.
  const byPosition = [...entries].sort(
    ([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1],
  );
  for (const [tensorName, entry] of byPosition) {
    if (entry.dtype !== 'F32' && entry.dtype !== 'I32') {
      throw new InputError(
        'run-folder',
        `${name}: tensor ${quoted(tensorName)} has type ${quoted(entry.dtype)}; only F32 and I32 can be read`,
      );
    }
    const [begin, end] = entry.data_offsets;
    if (begin !== expected || end - begin !== elementCount(entry.shape) * bytesPerElement) {
      throw new InputError(
        'run-folder',
        `${name}: tensor ${quoted(tensorName)} has byte range ${begin} to ${end}, which does not fit`,
      );
    }
    expected = end;
  }
  if (start + expected > bytes.byteLength) {
    throw new InputError('run-folder', `${name} is cut off: ${bytes.byteLength} bytes of ${start + expected}`);
  }
  if (start + expected < bytes.byteLength) {
    throw new InputError(
      'run-folder',
      `${name} has ${bytes.byteLength - start - expected} bytes that belong to no tensor`,
    );
  }
  for (const [tensorName, entry] of entries) {
    const [begin, end] = entry.data_offsets;
    // A copy: the values need an alignment that the file's bytes may not have. (A Buffer's own slice would not copy.)
    const values = new Uint8Array(bytes.subarray(start + begin, start + end)).buffer;
    const data = entry.dtype === 'F32' ? new Float32Array(values) : new Int32Array(values);
    tensors.set(tensorName, { shape: entry.shape, data });
  }
  return { tensors, metadata };
}

function parseHeader(
  bytes: Uint8Array,
  name: string,
): { entries: Map<string, z.infer<typeof tensorEntry>>; metadata: Record<string, string> } {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new InputError('run-folder', `${name} is not a safetensors file: its header is not JSON`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new InputError('run-folder', `${name} is not a safetensors file: its header is not a JSON object`);
  }
  const entries = new Map<string, z.infer<typeof tensorEntry>>();
  let metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(header)) {
    const parsed = key === metadataKey ? metadataEntry.safeParse(value) : tensorEntry.safeParse(value);
    if (!parsed.success)
      throw new InputError('run-folder', `${name}: header entry ${quoted(key)}: ${firstIssue(parsed.error)}`);
    if (key === metadataKey) metadata = parsed.data as z.infer<typeof metadataEntry>;
    else entries.set(key, parsed.data as z.infer<typeof tensorEntry>);
  }
  return { entries, metadata };
}

function typeOf(tensor: StoredTensor): 'F32' | 'I32' {
  return tensor.data instanceof Float32Array ? 'F32' : 'I32';
}

/** A name from a file that may be damaged: line breaks in it must not break the message's one line. */
function quoted(name: string): string {
  return JSON.stringify(name);
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
