import { NativeSession, ortTensor } from '../runtime/native.ts';

/** An input of `runOnnx`: float32, or int64 as BigInts. */
export interface OnnxValue {
  readonly data: Float32Array | BigInt64Array;
  readonly shape: readonly number[];
}

/**
 * Computes float32 outputs of an ONNX model, such as `toOnnx` writes, in a session of its own.
 * @returns the elements of each output by name
 */
export function runOnnx(
  model: Uint8Array,
  inputs: Readonly<Record<string, OnnxValue>>,
  outputs: readonly string[],
): Record<string, Float32Array> {
  const session = new NativeSession(model, {});
  try {
    const feeds = Object.entries(inputs).map(([name, { data, shape }]) => [
      name,
      ortTensor(data instanceof Float32Array ? 'float32' : 'int64', data, shape),
    ]);
    const results = session.run(Object.fromEntries(feeds), outputs);
    return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
  } finally {
    session.dispose();
  }
}
