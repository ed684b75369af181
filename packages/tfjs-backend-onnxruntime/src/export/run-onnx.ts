import { NativeSession } from '../runtime/native.ts';
import { hostTensor } from '../runtime/tensor.ts';

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
  const session = new NativeSession(model, Object.keys(inputs), outputs, { logLevel: 2 });
  try {
    const results = session.floats(
      Object.values(inputs).map(({ data, shape }) =>
        hostTensor(data instanceof Float32Array ? 'float32' : 'int64', data, shape),
      ),
    );
    return Object.fromEntries(outputs.map((name, index) => [name, results[index]!]));
  } finally {
    session.dispose();
  }
}
