import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { learningRate } from '@dynact/nn';
import { countModel, createArchitecture, feedForwardKinds } from '@dynact/transformer';
import { type Place, tokenBatches, type Workload, warmUpSteps, workloadConfig, workloadModel } from './models.ts';

/** Gates that engine_pytorch.py has, by the name of the block. */
const pytorchBlocks = ['glu', 'bilinear', 'reglu', 'geglu', 'swiglu', 'dynactglu'];

/** Why engine_pytorch.py cannot run a workload, if it cannot. */
export function pytorchLacks({ feedForward }: Workload, { device }: Pick<Place, 'device'>): string | undefined {
  if (device === 'webgpu') return 'it has no WebGPU';
  return pytorchBlocks.includes(feedForward) ? undefined : `the PyTorch model has no ${feedForward} block`;
}

/**
 * Writes what engine_pytorch.py reads: the shapes and settings, every parameter's initial values and every batch, so that
 * PyTorch's losses must be ours. Float32 and int32, little-endian, one after the other.
 */
export function writePytorchWorkload(workload: Workload): { folder: string; remove: () => void } {
  const { vocabSize, batchSize, context } = workload.shape;
  const config = workloadModel(workload);
  const { training } = workloadConfig(workload);
  const { optimizer, schedule, gradientClip } = training;
  if (optimizer.name !== 'adamw') throw new Error(`the benchmark trains with AdamW, not ${optimizer.name}`);
  const { parameters } = createArchitecture(config);
  const steps = warmUpSteps + workload.steps;
  const description = {
    vocabSize,
    batchSize,
    context,
    width: config.width,
    layers: config.layers,
    heads: config.heads,
    normEpsilon: config.normEpsilon,
    ropeBase: config.ropeBase,
    block: workload.feedForward,
    activation: feedForwardKinds[workload.feedForward as keyof typeof feedForwardKinds].activation.name,
    flopsPerToken: countModel(config).flopsPerToken,
    warmUpSteps,
    steps: workload.steps,
    productSize: workload.shape.productSize,
    optimizer,
    gradientClip,
    learningRates: Array.from({ length: steps }, (_, step) =>
      learningRate(schedule, optimizer.learningRate, step + 1, steps),
    ),
    parameters: parameters.map(({ name, shape, group }) => ({
      name,
      shape,
      decays: group === 'matrix' || group === 'output' || (group === 'embedding' && optimizer.decayEmbeddings),
    })),
  };
  const folder = mkdtempSync(join(tmpdir(), 'dynact-engine-'));
  writeFileSync(join(folder, 'workload.json'), JSON.stringify(description));
  const values = parameters.map((parameter) => parameter.initialValues(0));
  writeFileSync(join(folder, 'parameters.f32'), bytes(values));
  const batches = tokenBatches(workload.shape);
  const tokens = Array.from({ length: steps }, () => batches(batchSize)).flatMap(({ inputs, targets }) => [
    inputs,
    targets,
  ]);
  writeFileSync(join(folder, 'tokens.i32'), bytes(tokens));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function bytes(arrays: readonly (Float32Array | Int32Array)[]): Buffer {
  return Buffer.concat(
    arrays.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  );
}
