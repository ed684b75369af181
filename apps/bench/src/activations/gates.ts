import { createActivation, gatedBlocks } from '@dynact/activations/registry';
import { compile } from '@dynact/tfjs-backend-onnxruntime';
import { median } from 'simple-statistics';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';

export interface GateFigures {
  readonly gate: string;
  /** Forward and backward, milliseconds. */
  readonly milliseconds: number;
  /** Times of SwiGLU in the same turns. */
  readonly ratio: number;
}

const ROWS = 2048;
const COLUMNS = 688;
const UNTIMED = 5;
const TIMED = 10;

/**
 * Cost of each gate alone, forward and backward, on the current backend, with the tensors of the engine benchmark's model
 * A: 2 048 tokens of hidden width 688. Gates take turns; times are medians.
 */
export function measureGates(rounds: number): GateFigures[] {
  const [gate, value, upstream] = [1, 2, 3].map((seed) => tf.randomNormal([ROWS, COLUMNS], 0, 1, 'float32', seed)) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  const blocks = Object.entries(gatedBlocks).map(([block, name]) => {
    const activation = createActivation(name);
    const parameters = activation.parameters.map(({ initialize }) => tf.scalar(initialize(Math.random)[0]!));
    const names = activation.parameters.map(({ name }) => name);
    const apply = (...[gate, value, ...tensors]: tf.Tensor[]) =>
      activation.gate(gate!, value!, Object.fromEntries(names.map((name, index) => [name, tensors[index]!])));
    // The results are used up inside the graph, so that no large output is copied out.
    const step = compile((...inputs: tf.Tensor[]) =>
      tf.tidy(() => {
        const { value, grads } = tf.valueAndGrads(apply)(inputs.slice(1), inputs[0]!);
        return [value, ...grads].map(corner);
      }),
    );
    return {
      block,
      run: () => tf.dispose(step(upstream, gate, value, ...parameters).map(read)),
      times: [] as number[],
    };
  });
  for (let round = 0; round < rounds; round++) {
    for (const { run, times } of blocks) {
      // Each graph has threads of its own that spin for a while after a run: the first runs of a turn pay for the last gate's.
      for (let turn = -UNTIMED; turn < TIMED; turn++) {
        const before = performance.now();
        run();
        if (turn >= 0) times.push(performance.now() - before);
      }
    }
  }
  tf.dispose([gate, value, upstream]);
  const medians = blocks.map(({ block, times }) => ({ gate: block, milliseconds: median(times) }));
  const swiglu = medians.find(({ gate }) => gate === 'swiglu')!.milliseconds;
  return medians.map((figures) => ({ ...figures, ratio: figures.milliseconds / swiglu }));
}

/** One element of a full-size result; scalar ones as they are. */
function corner(result: tf.Tensor): tf.Tensor {
  return result.rank === 2 ? tf.slice(result, [ROWS - 1, COLUMNS - 1], [1, 1]) : tf.clone(result);
}

function read(tensor: tf.Tensor): tf.Tensor {
  tensor.dataSync();
  return tensor;
}
