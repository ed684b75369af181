import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fakeDriver, fakePrograms, smiLine } from '../../../test/support/fake-machine.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { cudaProblem, hasCuda } from '../src/cuda/check.ts';
import { hasProvider } from '../src/cuda/folder.ts';
import { nvidiaGpus } from '../src/cuda/gpus.ts';
import { kernelSource } from '../src/cuda/kernel-source.ts';
import { compileSource } from '../src/cuda/kernels.ts';
import { loadCuda } from '../src/cuda/libraries.ts';
import { setupCuda } from '../src/cuda/setup.ts';
import { cudaLibraries, onnxRuntimeVersion, wheels } from '../src/cuda/wheels.ts';
import { cudaState, InputError, registerOnnxRuntimeBackend } from '../src/index.ts';
import { deviceOf } from '../src/runtime/devices/index.ts';
import { onnxRuntime } from '../src/runtime/library.ts';
import { fakePip } from './support/fake-pip.ts';

const isSetUp = hasProvider(dirname(onnxRuntime().file));

beforeEach(() => vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined));
afterEach(() => vi.unstubAllEnvs());

test('the wheels are of the version of ONNX Runtime that is installed', () => {
  expect(onnxRuntime().version).toBe(onnxRuntimeVersion);
  expect(wheels[0]).toMatchObject({ name: 'onnxruntime-gpu', version: onnxRuntimeVersion });
});

describe.skipIf(!hasCuda)('on a wrong machine, one line says what is missing', () => {
  const problem = (index = 0) => cudaProblem(index);

  test('no driver', () => {
    vi.stubEnv('PATH', '/nowhere');
    expect(problem()).toBe(
      'there is no NVIDIA driver (nvidia-smi is not found): with version 580 or newer, `dynact setup cuda` brings the rest',
    );
  });

  test('a driver that does not answer', () => {
    fakePrograms({
      'nvidia-smi': `console.log('Failed to initialize NVML: Driver/library version mismatch\\nmore'); process.exitCode = 18`,
    });
    expect(problem()).toBe(
      "NVIDIA's driver does not answer (nvidia-smi: Failed to initialize NVML: Driver/library version mismatch)",
    );
  });

  test('a driver from before compute capabilities is too old', () => {
    fakePrograms({
      'nvidia-smi': `if (process.argv.join().includes('compute_cap')) {
        console.log('Field "compute_cap" is not a valid field to query.');
        process.exitCode = 2;
      } else console.log(${JSON.stringify(smiLine({ driver: '450.80.02', architecture: '' }).replace(/, $/, ''))});`,
    });
    expect(problem()).toMatch(/^NVIDIA's driver 450.80.02 is too old for CUDA 13/);
  });

  test.each([
    [[], "NVIDIA's driver finds no GPU"],
    [
      [smiLine({ driver: '535.183.01' })],
      "NVIDIA's driver 535.183.01 is too old for CUDA 13, which ONNX Runtime 1.30.0 wants: install 580 or newer",
    ],
    [
      [smiLine({ name: 'NVIDIA GeForce GTX 1080', architecture: '6.1' })],
      /^ONNX Runtime 1.30.0 has no CUDA code for NVIDIA GeForce GTX 1080 \(compute capability 6.1\), only for 7.5, .*"webgpu" may run$/,
    ],
    [[smiLine({ name: 'NVIDIA B200', architecture: '10.0' })], /no CUDA code for NVIDIA B200/],
  ])('%j', (lines, message) => {
    fakeDriver(...lines);
    expect(problem()).toEqual(message instanceof RegExp ? expect.stringMatching(message) : message);
  });

  test('a GPU that is not there, or hidden', () => {
    fakeDriver(smiLine());
    expect(problem(1)).toBe('there is no such GPU, cuda:0 is the only GPU');
    fakeDriver(smiLine(), smiLine({ index: 1 }));
    expect(problem(2)).toBe('there is no such GPU, the GPUs are cuda:0 to cuda:1');
    vi.stubEnv('CUDA_VISIBLE_DEVICES', '1');
    expect(problem(1)).toBe('there is no such GPU, cuda:0 is the only GPU');
    vi.stubEnv('CUDA_VISIBLE_DEVICES', '');
    expect(problem()).toBe('CUDA_VISIBLE_DEVICES= leaves no GPU');
  });

  test.skipIf(isSetUp)('no provider', () => {
    fakeDriver(smiLine({ architecture: '8.7' }));
    expect(problem()).toBe(
      "ONNX Runtime's CUDA provider and NVIDIA's libraries are missing; `dynact setup cuda` (setupCuda() of this package) brings them",
    );
  });

  test('no libraries, or those of another version of CUDA', () => {
    const has = (...names: string[]) => loadCuda('/nowhere', (file) => names.includes(file));
    expect(has(...cudaLibraries)).toBeUndefined();
    expect(has(...cudaLibraries.slice(0, -1))).toBe('libcudnn.so.9 is missing');
    expect(has('libcudart.so.12', 'libcublas.so.12', 'libcurand.so.10', 'libcudnn.so.9')).toBe(
      'libcudart.so.13, libnvrtc.so.13, libcublasLt.so.13, libcublas.so.13 are missing (CUDA 12 is installed, CUDA 13 is needed)',
    );
  });

  test('as the backend says it', () => {
    vi.stubEnv('PATH', '/nowhere');
    const register = () => registerOnnxRuntimeBackend({ device: 'cuda:1' });
    expect(register).toThrow(InputError);
    expect(register).toThrow(/^onnxruntime backend: device "cuda:1": there is no NVIDIA driver \(.*brings the rest$/);
    expect(cudaState()).toEqual({ gpus: [], missing: expect.stringMatching(/^there is no NVIDIA driver /) });
    fakeDriver(smiLine({ driver: '470.1' }));
    const { gpus, missing } = cudaState();
    expect(gpus).toHaveLength(1);
    expect(missing).toMatch(/^NVIDIA's driver 470.1 is too old /);
  });
});

test('GPUs are those that a program may use, in its order', () => {
  fakeDriver(smiLine(), smiLine({ index: 1, name: 'NVIDIA L4', architecture: '8.9' }));
  const [h100, l4] = [
    {
      name: 'NVIDIA H100',
      memory: 81_559 * 2 ** 20,
      free: 81_079 * 2 ** 20,
      driver: '580.95.05',
      architecture: '9.0',
    },
    expect.objectContaining({ name: 'NVIDIA L4', architecture: '8.9' }),
  ];
  expect(nvidiaGpus()).toEqual([h100, l4]);
  for (const [allowed, visible] of [
    ['1,0', [l4, h100]],
    ['GPU-1', [l4]],
    ['0,7,1', [h100]],
  ] as const) {
    vi.stubEnv('CUDA_VISIBLE_DEVICES', allowed);
    expect(nvidiaGpus()).toEqual(visible);
  }
});

test("a part of a GPU is found by its id, and memory that is the machine's is no number", () => {
  const list = [
    'GPU 0: NVIDIA H100 (UUID: GPU-0abc)',
    '  MIG 1g.10gb     Device  0: (UUID: MIG-11aa)',
    '  MIG 3g.40gb     Device  1: (UUID: MIG-22bb)',
  ];
  fakePrograms({
    'nvidia-smi': `console.log(process.argv.includes('-L') ? ${JSON.stringify(list.join('\n'))} : ${JSON.stringify(smiLine())})`,
  });
  vi.stubEnv('CUDA_VISIBLE_DEVICES', 'MIG-22bb,MIG-11aa');
  const memory = 40 * 2 ** 30;
  expect(nvidiaGpus()).toEqual([
    { name: 'NVIDIA H100 MIG 3g.40gb', memory, free: memory, driver: '580.95.05', architecture: '9.0' },
  ]);
  vi.stubEnv('CUDA_VISIBLE_DEVICES', 'MIG-33');
  expect(nvidiaGpus()).toBe('CUDA_VISIBLE_DEVICES=MIG-33 leaves no GPU');
  vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined);
  fakeDriver('0, GPU-1, NVIDIA GB10, [N/A], [N/A], 580.95.05, 12.1');
  expect(nvidiaGpus()).toMatchObject([{ name: 'NVIDIA GB10', memory: null, free: null }]);
});

test('number of the GPU and TF32 reach the provider', () => {
  const options = (device: string, tf32: boolean) => deviceOf({ device, tf32 }).providers[0]!.options;
  expect(options('cuda', true)).toEqual({ device_id: '0', use_tf32: '1' });
  expect(options('cuda:2', false)).toEqual({ device_id: '2', use_tf32: '0' });
  expect(deviceOf({ device: 'cuda', tf32: true })).toBe(deviceOf({ device: 'cuda:0', tf32: true }));
  expect(deviceOf({ device: 'cuda', tf32: true })).not.toBe(deviceOf({ device: 'cuda', tf32: false }));
});

// The compiler needs no GPU: `dynact setup cuda --anyway` brings it.
test.skipIf(!isSetUp)("CUDA's compiler takes kernels of ours, and says what is wrong with others", () => {
  const kernel = { name: 'Fused1', size: 6, inputs: ['float32' as const], outputs: [[2, 3]] };
  const body = 'const float v0 = sigmoid(a0[i]);\no0[i] = v0 * F(2.000000000e+0);';
  expect(compileSource(kernelSource([{ ...kernel, body }]), '9.0').length).toBeGreaterThan(1000);
  const wrong = () => compileSource(kernelSource([{ ...kernel, body: 'o0[i] = nothing;' }]), '9.0');
  expect(wrong).toThrow(/refuses a kernel: .*identifier "nothing" is undefined/s);
});

describe.skipIf(!hasCuda)('setup', () => {
  let folder: string;
  let record: string;
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);

  beforeEach(() => {
    lines.length = 0;
    folder = join(temporaryFolder(), 'cuda');
    record = `${folder}-pip.jsonl`;
    vi.stubEnv('DYNACT_CUDA', folder);
    vi.stubEnv('FAKE_PIP_LOG', record);
    fakePrograms({ python3: fakePip, 'nvidia-smi': `console.log(${JSON.stringify(smiLine())})` });
  });

  const installed = [
    'libcublas.so.13',
    'libcublasLt.so.13',
    'libcudart.so.13',
    'libcudnn.so.9',
    'libcudnn_engines_precompiled.so.9',
  ];

  test('says what it would do, and does nothing', () => {
    expect(setupCuda({ dryRun: true, log })).toBe(folder);
    expect(lines[0]).toBe('NVIDIA H100, driver 580.95.05');
    expect(lines).toContain('onnxruntime-gpu 1.30.0  247 MB');
    expect(lines.at(-1)).toBe(
      `downloads 1188 MB from PyPI with pip, which become 1610 MB in ${folder} (4408 MB meanwhile)`,
    );
    expect([folder, record, dirname(folder)].map(existsSync)).toEqual([false, false, true]);
  });

  test('installs with pip, held to hashes, and programs find it', () => {
    vi.stubEnv('FAKE_LIBRARY', onnxRuntime().file);
    expect(setupCuda({ log })).toBe(folder);
    const { given, requirements, TMPDIR } = JSON.parse(readFileSync(record, 'utf8'));
    expect(given).toEqual(expect.arrayContaining(['--no-deps', '--require-hashes', '--no-cache-dir']));
    for (const { name, version, sha256 } of wheels) {
      expect(requirements).toContain(`${name}==${version} --hash=sha256:${sha256}\n`);
    }
    expect(TMPDIR).toBe(`${folder}.partial`);
    expect(readdirSync(dirname(folder)).sort()).toEqual(['cuda', 'cuda-pip.jsonl']);
    const files = readdirSync(folder);
    expect(files).toEqual(expect.arrayContaining([...installed, 'libonnxruntime_providers_cuda.so']));
    expect(files).not.toEqual(expect.arrayContaining(['libonnxruntime_providers_tensorrt.so']));
    expect(files).not.toEqual(expect.arrayContaining(['libnvrtc.alt.so.13']));
    const program = fileURLToPath(new URL('support/loaded-library.ts', import.meta.url));
    const found = execFileSync(process.execPath, ['--conditions=@dynact/source', '--import', 'tsx', program], {
      encoding: 'utf8',
    });
    expect(JSON.parse(found)).toEqual({ file: join(folder, 'libonnxruntime.so.1'), missing: null });
    expect(setupCuda({ log })).toBe(folder);
    expect(lines.at(-1)).toBe(`all is there: ${folder}`);
    expect(readFileSync(record, 'utf8').trimEnd().split('\n')).toHaveLength(1);
  });

  test('leaves nothing behind when pip fails', () => {
    vi.stubEnv('FAKE_PIP_FAILS', '1');
    expect(() => setupCuda({ log })).toThrow(/^setup of CUDA: pip failed with status 1 \(see above\); it needs PyPI/);
    expect(readdirSync(dirname(folder))).toEqual(['cuda-pip.jsonl']);
  });

  test('refuses a machine without driver or pip, unless another is meant', () => {
    vi.stubEnv('PATH', '/nowhere');
    expect(() => setupCuda({ log })).toThrow(
      /^setup of CUDA: there is no NVIDIA driver .*; for another machine with the same folder, say --anyway/,
    );
    expect(setupCuda({ log, dryRun: true })).toBe(folder);
    expect(lines.at(-1)).toMatch(/^downloads \d+ MB from PyPI with pip, which become \d+ MB in /);
    expect(() => setupCuda({ log, anyway: true })).toThrow(/^setup of CUDA: it takes Python with pip, /);
    expect(() => setupCuda({ log, anyway: true })).toThrow(InputError);
    expect(existsSync(folder)).toBe(false);
  });
});
