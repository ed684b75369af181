import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { gpuModel } from '../src/machine.ts';
import { type BackendProbe, bestFirst, probeBackends } from '../src/probe.ts';
import { chooseBackend, selectBackend } from '../src/select-backend.ts';
import { restoreRemovedFunctions, tensorflowPackage } from '../src/tensorflow.ts';
import { softwareVersions } from '../src/versions.ts';

const probe = (name: BackendProbe['name'], loads = true): BackendProbe => ({ name, loads, trains: loads, note: 'n' });
const others = [probe('onnxruntime'), probe('wasm'), probe('cpu')];

describe('the best backend comes first', () => {
  test.each([
    ['tensorflow on a GPU', { ...probe('tensorflow'), usesGpu: true }, ['tensorflow', 'onnxruntime', 'wasm', 'cpu']],
    ['onnxruntime, where tensorflow has no GPU', probe('tensorflow'), ['onnxruntime', 'tensorflow', 'wasm', 'cpu']],
    [
      'tensorflow, told why not, where it does not load',
      probe('tensorflow', false),
      ['tensorflow', 'onnxruntime', 'wasm', 'cpu'],
    ],
  ])('%s', (_, tensorflow, expected) => {
    const probes = bestFirst([tensorflow, ...others]);
    expect(probes.map(({ name }) => name)).toEqual(expected);
  });

  test('and is chosen, with the reason', () => {
    expect(chooseBackend(bestFirst([probe('tensorflow'), ...others]))).toEqual({
      name: 'onnxruntime',
      reason: 'it is the fastest one',
    });
    const broken = bestFirst([probe('tensorflow', false), ...others]);
    expect(chooseBackend(broken).reason).toBe('the fastest that loads; tensorflow cannot be used (n)');
  });
});

test('a run records the version of the backend that it ran on', () => {
  expect(softwareVersions('cpu')['@tensorflow/tfjs-backend-cpu']).toMatch(/^4\./);
  expect(Object.keys(softwareVersions('onnxruntime')).filter((name) => name.includes('tfjs-backend'))).toEqual([]);
  const tensorflow = tensorflowPackage();
  const named = 'missing' in tensorflow ? {} : { [tensorflow.name]: tensorflow.version };
  expect(softwareVersions('tensorflow')).toEqual({ ...softwareVersions('onnxruntime'), ...named });
});

test('a run records the GPU that it ran on', () => {
  const gpus = temporaryFolder();
  for (const [place, model] of [
    ['0000:65:00.0', 'NVIDIA H100'],
    ['0000:17:00.0', 'NVIDIA L4'],
  ] as const) {
    mkdirSync(join(gpus, place));
    writeFileSync(
      join(gpus, place, 'information'),
      `Model: \t\t ${model}\nIRQ: 7\nGPU UUID: \t GPU-${place.slice(5, 7)}abc\n`,
    );
  }
  vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined);
  expect([0, 1, 2].map((index) => gpuModel(index, gpus))).toEqual(['NVIDIA L4', 'NVIDIA H100', null]);
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '1,0');
  expect([0, 1].map((index) => gpuModel(index, gpus))).toEqual(['NVIDIA H100', 'NVIDIA L4']);
  vi.stubEnv('CUDA_VISIBLE_DEVICES', 'GPU-65,GPU-17abc');
  expect([0, 1].map((index) => gpuModel(index, gpus))).toEqual(['NVIDIA H100', 'NVIDIA L4']);
  vi.stubEnv('CUDA_VISIBLE_DEVICES', 'MIG-22bb,GPU-zz');
  expect([0, 1].map((index) => gpuModel(index, gpus))).toEqual([null, null]);
  vi.unstubAllEnvs();
  expect(gpuModel(0, join(gpus, 'none'))).toBeNull();
});

test('what Node 23 removed and tfjs-node calls is put back, and only that', () => {
  const newer: Record<string, unknown> = { promisify: 1 };
  restoreRemovedFunctions(newer);
  expect(Object.keys(newer).sort()).toEqual(['isArray', 'isNullOrUndefined', 'promisify']);
  const isNullOrUndefined = newer.isNullOrUndefined as (value: unknown) => boolean;
  expect([null, undefined, 0, ''].map(isNullOrUndefined)).toEqual([true, true, false, false]);
  const own = () => 'own';
  const older = { isArray: own, isNullOrUndefined: own };
  restoreRemovedFunctions(older);
  expect(older).toEqual({ isArray: own, isNullOrUndefined: own });
});

test('threads reach the backend, and a backend that does not load is refused with the reason', async () => {
  expect(await selectBackend({ name: 'onnxruntime', threads: 1, device: 'cpu' }, 'train')).toMatchObject({
    name: 'onnxruntime',
    threads: 1,
  });
  const found = tensorflowPackage();
  const selected = selectBackend({ name: 'tensorflow', threads: 1, device: 'cpu' }, 'train');
  // The addon is not part of the install; where somebody has built it, it must work.
  if ('missing' in found) await expect(selected).rejects.toThrow(`tensorflow cannot be used: ${found.missing}`);
  else expect(await selected).toMatchObject({ name: 'tensorflow', threads: 1 });
});

test('probing loads every backend that is installed', async () => {
  const probes = await probeBackends();
  expect(probes.filter(({ loads }) => loads).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['onnxruntime', 'wasm', 'cpu']),
  );
  expect(probes.find(({ name }) => name === 'wasm')).toMatchObject({ trains: false });
});
