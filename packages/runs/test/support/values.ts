import type { CheckpointContent } from '../../src/index.ts';
import type { MetricsRecord, RunConfig } from '../../src/records/index.ts';

export const runConfig: RunConfig = {
  config: { seed: 0, model: { layers: 2 } },
  versions: { '@dynact/runs': '0.1.0' },
  backend: { name: 'onnxruntime', device: 'cpu', threads: 2 },
  gitCommit: null,
};

export function trainRecord(step: number): MetricsRecord {
  return {
    kind: 'train',
    step,
    tokens: step * 64,
    loss: 4 + 1 / (step + 1),
    learningRate: 0.001,
    gradientNorm: 1.5,
    tokensPerSecond: 1000,
    elapsedMs: step * 64,
  };
}

/** A checkpoint of about 400 kB in which every number is `value`. */
export function checkpointOf(value: number): CheckpointContent {
  return {
    weights: new Map([['weights', { shape: [100, 500], data: new Float32Array(50_000).fill(value) }]]),
    optimizer: new Map([['moments', { shape: [50_000], data: new Float32Array(50_000).fill(value) }]]),
    state: { value },
  };
}
