/** Trains one run in this process, or goes on with it: the victim of resume.slow.ts. */
import '@tensorflow/tfjs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openDataset } from '@dynact/data';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { parseConfig, trainRun } from '../src/index.ts';

const [datasetDirectory, directory] = process.argv.slice(2) as [string, string];
registerOnnxRuntimeBackend({ threads: 1 });
await tf.setBackend('onnxruntime');
const config = parseConfig({
  model: { layers: 2, width: 48, heads: 2, context: 16, dropout: 0.1, feedForward: { kind: 'dynactglu' } },
  training: {
    steps: 120,
    batchSize: 4,
    gradientAccumulation: 2,
    movingAverage: { decay: 0.95 },
    evaluation: { every: 40, batches: 2 },
    checkpoint: { every: 3, keep: 2 },
    sample: { prompt: 'the cat', maxTokens: 4 },
  },
});
const dataset = await openDataset(datasetDirectory);
const environment = { versions: {}, backend: { name: 'onnxruntime', device: 'cpu', threads: 1 }, gitCommit: null };
const resume = existsSync(join(directory, 'config.json'));
const onEvent = () => process.stdout.write('.');
const result = await trainRun({ config, dataset, directory, environment, compile, resume, onEvent });
dataset.close();
process.exitCode = result.status === 'finished' ? 0 : 1;
