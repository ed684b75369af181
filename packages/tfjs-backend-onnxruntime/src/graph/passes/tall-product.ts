import type { Pass } from './pass.ts';

/** From this ratio of rows to columns on, and this many rows, the other order is faster. */
const tallness = 8;

/**
 * a^T b with many more rows than columns becomes (b^T a)^T. ONNX Runtime's matrix product copies the transposed left side
 * once for every block of columns, so the left side should be the small one; transposing the result costs less.
 */
export const tallProductPass: Pass = (rewriter) => {
  for (const node of [...rewriter.graph.nodes]) {
    const { transA, transB } = node.attributes;
    if (node.op !== 'FusedMatMul' || transA !== 1 || transB !== 0) continue;
    const [a = '', b = ''] = node.inputs;
    const shape = rewriter.shape(node.outputs[0]!);
    const [rows = 1, columns = 1] = shape;
    if (shape.length !== 2 || rows < tallness * columns || columns < 64) continue;
    const product = rewriter.insert(
      node,
      'FusedMatMul',
      [b, a],
      { type: 'float32', shape: [columns, rows] },
      node.attributes,
      node.domain,
    );
    Object.assign(node, { op: 'Transpose', domain: '', attributes: { perm: [1, 0] }, inputs: [product] });
  }
};
