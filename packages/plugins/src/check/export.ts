import { runOnnx, toOnnx } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { blockSubject } from './subject.ts';

/** Whether a block recorded as ONNX, with any number of rows, gives the values of its own code. @returns what differs, or undefined */
export function exportFault(kind: string): string | undefined {
  const rows = 5;
  const block = blockSubject(kind, 16, rows);
  try {
    const bytes = toOnnx(
      ({ x }) => ({ y: block.apply(x as tf.Tensor2D) }),
      { x: { dtype: 'float32', shape: ['rows', block.width] } },
      { rows: [1009, 1013] },
    );
    const x = block.variables[0]!.variable.dataSync() as Float32Array;
    const { y } = runOnnx(bytes, { x: { data: x, shape: [rows, block.width] } }, ['y']);
    const expected = tf.tidy(() => block.run().dataSync());
    const worst = Math.max(...Array.from(expected, (value, index) => Math.abs(value - y![index]!)));
    return worst <= 1e-4 ? undefined : `the exported block gives other values, by up to ${worst.toPrecision(2)}`;
  } finally {
    block.dispose();
  }
}
