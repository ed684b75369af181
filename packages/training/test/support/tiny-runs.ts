import '@tensorflow/tfjs';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PreparedDataset } from '@dynact/data';
import { readRunFolder } from '@dynact/runs';
import type { MetricsRecord } from '@dynact/runs/records';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll } from 'vitest';
import {
  type Config,
  mergeConfig,
  parseConfig,
  type TrainEvent,
  type TrainRunOptions,
  trainRun,
} from '../../src/index.ts';
import { tinyDataset } from './tiny-dataset.ts';

const environment = { versions: {}, backend: { name: 'onnxruntime', device: 'cpu', threads: 2 }, gitCommit: null };

/** A run of 24 steps that takes a second. */
export function configWith(override: object = {}): Config {
  const base = {
    dataset: { vocabSize: 300 },
    model: { layers: 1, width: 16, heads: 2, context: 16, feedForward: { kind: 'dynactglu' } },
    training: {
      steps: 24,
      batchSize: 4,
      optimizer: { learningRate: 3e-3 },
      evaluation: { steps: [6, 12], batches: 2 },
      checkpoint: { every: 5, keep: 3, best: false },
    },
  };
  return parseConfig(mergeConfig(base, override as Record<string, unknown>));
}

/** Runs on a tiny corpus, in folders of a temporary one by name. To be called at the top of a test file. */
export function tinyRuns() {
  const folder = mkdtempSync(join(tmpdir(), 'dynact-runs-'));
  let dataset: PreparedDataset;
  beforeAll(async () => {
    registerOnnxRuntimeBackend({ threads: 2 });
    await tf.setBackend('onnxruntime');
    dataset = await tinyDataset();
  });
  afterAll(() => {
    dataset.close();
    rmSync(folder, { recursive: true });
  });

  /** Trains a run, or goes on with it; `stopAfter` interrupts it after that step. */
  function train(
    config: Config,
    name: string,
    options: Partial<TrainRunOptions> & { stopAfter?: number; onEvent?: (event: TrainEvent) => void } = {},
  ) {
    const controller = new AbortController();
    const onEvent = (event: TrainEvent) => {
      options.onEvent?.(event);
      if (event.kind === 'record' && event.record.step === options.stopAfter) controller.abort();
    };
    const directory = join(folder, name);
    const { signal } = controller;
    return trainRun({ config, dataset, directory, environment, compile, signal, ...options, onEvent });
  }

  /** Everything that must be equal between equal runs. */
  function outcome(name: string) {
    const run = readRunFolder(join(folder, name));
    const records = run.records().map(({ ...record }) => {
      const timed: Partial<Record<'elapsedMs' | 'tokensPerSecond', number>> = record as object;
      delete timed.elapsedMs;
      delete timed.tokensPerSecond;
      return record;
    });
    const checkpoint = run.checkpoints().at(-1)!;
    const files = ['weights.safetensors', 'optimizer.safetensors'].map((file) =>
      createHash('sha256')
        .update(readFileSync(join(checkpoint.directory, file)))
        .digest('hex'),
    );
    return { records, step: checkpoint.step, files };
  }

  function ofKind<K extends MetricsRecord['kind']>(name: string, kind: K): Extract<MetricsRecord, { kind: K }>[] {
    const isKind = (record: MetricsRecord): record is Extract<MetricsRecord, { kind: K }> => record.kind === kind;
    return readRunFolder(join(folder, name)).records().filter(isKind);
  }

  return { folder, dataset: () => dataset, train, outcome, ofKind };
}
