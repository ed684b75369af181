import type { FusedKernel } from '../../src/graph/fusion/kernel.ts';
import type { CustomOperator } from '../../src/runtime/custom-operators.ts';
import { loadKoffi } from '../../src/runtime/native-files.cjs';
import { sizeOf } from '../../src/runtime/tensor.ts';

const functions = {
  F: Number,
  sqrtf: Math.sqrt,
  expf: Math.exp,
  logf: Math.log,
  tanhf: Math.tanh,
  atanf: Math.atan,
  sinf: Math.sin,
  cosf: Math.cos,
  erff: erf,
  fabsf: Math.abs,
  reciprocal: (a: number) => 1 / a,
  sigmoid: (a: number) => 1 / (1 + Math.exp(-a)),
  quotient: (a: number, b: number) => Math.floor(a / b),
};

function elements(type: 'float32' | 'int32', address: bigint, length: number): Float32Array | Int32Array {
  const memory = loadKoffi().view(address, 4 * length);
  return type === 'int32' ? new Int32Array(memory) : new Float32Array(memory);
}

/** Kernels as operators of the cpu: what CUDA compiles, JavaScript runs. They do not know how long their inputs are. */
export function operatorsInJavaScript(kernels: readonly FusedKernel[]): CustomOperator[] {
  return kernels.map((kernel) => {
    const { name, size, inputs, outputs } = kernel;
    const names = [...inputs.map((_, place) => `a${place}`), ...outputs.map((_, place) => `o${place}`)];
    const code = codeOf(kernel);
    const run = new Function(...Object.keys(functions), ...names, code);
    return {
      name,
      place: 'cpu',
      provider: 'CPUExecutionProvider',
      inputs,
      outputs,
      compute(from, to) {
        run(
          ...Object.values(functions),
          ...from.map((address, place) => elements(inputs[place]!, address, size)),
          ...to.map((address, place) => elements('float32', address, sizeOf(outputs[place]!))),
        );
      },
    };
  });
}

function codeOf({ size, body, rows: kernel }: FusedKernel): string {
  const statements = body.replaceAll(/const (float|unsigned)/g, 'const');
  if (!kernel) return `for (let i = 0; i < ${size}; i++) {\n${statements}\n}`;
  const { rows, columns } = kernel;
  if (kernel.kind === 'softmax') {
    return `for (let row = 0; row < ${rows}; row++) {
      const terms = Float32Array.from({ length: ${columns} }, (_, column) => {
        const i = row * ${columns} + column;
        ${statements}
        return result;
      });
      const maximum = Math.max(...terms);
      const sum = terms.reduce((sum, term) => sum + Math.exp(term - maximum), 0);
      o0.set(terms.map((term) => Math.exp(term - maximum) / sum), row * ${columns});
    }`;
  }
  if (kernel.kind === 'maximum') {
    return `for (let row = 0; row < ${rows}; row++) {
      o0[row] = -Infinity;
      for (let column = 0; column < ${columns}; column++) {
        const i = row * ${columns} + column;
        ${statements}
        o0[row] = Math.max(o0[row], result);
      }
    }`;
  }
  if (kernel.kind === 'segmentSum') {
    return `for (let place = 0; place < ${kernel.segments * columns}; place++) o0[place] = 0;
      for (let row = 0; row < ${rows}; row++) for (let column = 0; column < ${columns}; column++) {
        const i = row * ${columns} + column;
        ${statements}
        o0[a0[row] * ${columns} + column] += result;
      }`;
  }
  const { over, parts, length, scale } = kernel;
  const [results, terms] = over === 'columns' ? [rows, columns] : [columns, rows];
  return `for (let one = 0; one < ${results}; one++) for (let part = 0; part < ${parts}; part++) {
    let total = 0;
    for (let term = part * ${length}; term < Math.min(${terms}, (part + 1) * ${length}); term++) {
      const i = ${over === 'columns' ? `one * ${columns} + term` : `term * ${columns} + one`};
      ${statements}
      total += result;
    }
    o0[${over === 'columns' ? `one * ${parts} + part` : `part * ${columns} + one`}] = total * ${scale};
  }`;
}

/** By its series, for small numbers. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 60; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
