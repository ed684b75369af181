import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tensorflowPackage } from '@dynact/backends';
import { InputError } from '@dynact/files';
import { effortNote, type TfjsEngine, tfjsEngines } from './measure.ts';
import type { Place, Workload } from './models.ts';
import { pytorchLacks } from './pytorch-workload.ts';

export const engineNames = ['onnxruntime', 'tensorflow', 'pytorch', 'pytorch-compile', 'wasm', 'cpu'] as const;
export type EngineName = (typeof engineNames)[number];

/** An engine that can be measured: one process of `file` with `parameters` is one run. */
export interface Contender {
  readonly engine: EngineName;
  /** Name of its row; two versions of PyTorch have two. */
  readonly label: string;
  /** At most so many, whatever was asked for. */
  readonly rounds: number;
  /** Work that it leaves out and the others do, if any. */
  readonly note: string;
  readonly file: string;
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** An engine that cannot be measured here. */
export interface Absent {
  readonly label: string;
  readonly reason: string;
}

export interface ContenderOptions {
  /** Beside onnxruntime. */
  readonly engines: readonly EngineName[];
  readonly workload: Workload;
  readonly place: Place;
  readonly threads: number;
  readonly rounds: number;
  /** Interpreters that may have PyTorch. */
  readonly pythons: readonly string[];
  /** Where `writePytorchWorkload` put it. */
  readonly pytorchFolder: string;
}

/** Engines that take part, onnxruntime first, and those that cannot. */
export async function findContenders(
  options: ContenderOptions,
): Promise<{ contenders: Contender[]; absent: Absent[] }> {
  const contenders: Contender[] = [];
  const absent: Absent[] = [];
  for (const engine of tfjsEngines) {
    if (engine !== 'onnxruntime' && !options.engines.includes(engine)) continue;
    if (engine !== 'onnxruntime' && options.place.device !== 'cpu') {
      absent.push({ label: engine, reason: `it is not for ${options.place.device}` });
      continue;
    }
    const tensorflow = engine === 'tensorflow' ? tensorflowPackage() : undefined;
    if (tensorflow !== undefined && 'missing' in tensorflow) absent.push({ label: engine, reason: tensorflow.missing });
    else contenders.push(tfjsContender(engine, options));
  }
  if (options.engines.some((engine) => engine.startsWith('pytorch'))) {
    const lacking = pytorchLacks(options.workload, options.place);
    for (const python of lacking === undefined ? options.pythons : []) {
      const found = await pytorchContenders(python, options);
      contenders.push(...found.contenders);
      absent.push(...found.absent);
    }
    if (lacking !== undefined) absent.push({ label: 'pytorch', reason: lacking });
  }
  return { contenders, absent };
}

function tfjsContender(engine: TfjsEngine, { workload, threads, rounds, place }: ContenderOptions): Contender {
  const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));
  return {
    engine,
    label: engine,
    // Minutes a run, and no doubt about who is faster.
    rounds: engine === 'cpu' ? 1 : rounds,
    note: effortNote(engine),
    file: process.execPath,
    parameters: [...process.execArgv, '--expose-gc', worker, JSON.stringify([engine, workload, threads, place])],
    environment: {},
  };
}

const pytorchScript = fileURLToPath(new URL('./engine_pytorch.py', import.meta.url));

async function pytorchContenders(
  python: string,
  { engines, threads, rounds, pytorchFolder, place }: ContenderOptions,
): Promise<{ contenders: Contender[]; absent: Absent[] }> {
  const modes = (['pytorch', 'pytorch-compile'] as const).filter((engine) => engines.includes(engine));
  const probed = await probePytorch(python);
  if ('reason' in probed) return { contenders: [], absent: [{ label: 'pytorch', reason: probed.reason }] };
  const contenders: Contender[] = [];
  const absent: Absent[] = [];
  const runs = modes.flatMap((engine) =>
    precisions(engine, place).flatMap((run) => compilations(run[0], place).map((mode) => [...run, mode] as const)),
  );
  for (const [engine, precision, mode] of runs) {
    const label = `pytorch ${probed.version} ${mode}${place.device === 'cpu' ? '' : ` ${precision}`}`;
    if (mode !== 'eager' && !probed.compiles) {
      absent.push({ label, reason: 'torch.compile came with PyTorch 2' });
      continue;
    }
    contenders.push({
      engine,
      label,
      rounds,
      note: '',
      file: python,
      parameters: [pytorchScript, pytorchFolder, `${threads}`, mode, place.device, precision],
      environment: { OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${threads}` },
    });
  }
  return { contenders, absent };
}

type Precision = 'fp32' | 'tf32' | 'bf16';

/** Precisions that PyTorch is measured in: on a GPU those that people train in. */
function precisions<Engine extends EngineName>(engine: Engine, { device }: Place): [Engine, Precision][] {
  if (device === 'cpu') return [[engine, 'fp32']];
  const all: readonly Precision[] = engine === 'pytorch' ? ['fp32', 'tf32', 'bf16'] : ['tf32', 'bf16'];
  return all.map((precision) => [engine, precision]);
}

/** Ways that PyTorch runs the model: compiled on a GPU it may replay CUDA graphs, too. */
function compilations(engine: EngineName, { device }: Place): readonly ('eager' | 'compile' | 'graphs')[] {
  if (engine === 'pytorch') return ['eager'];
  return device === 'cpu' ? ['compile'] : ['compile', 'graphs'];
}

/** The interpreters that the user named must be there; the default one need not. */
export function checkPythons(pythons: readonly string[]): void {
  for (const python of pythons) {
    if (python.includes('/') && !existsSync(python))
      throw new InputError('usage', `--python: ${python} does not exist`);
  }
}

async function probePytorch(python: string): Promise<{ version: string; compiles: boolean } | { reason: string }> {
  try {
    const { stdout } = await promisify(execFile)(python, [pytorchScript, '--probe']);
    const { version, compiles } = JSON.parse(stdout) as { version: string; compiles: boolean };
    // Without the build's suffix, as in 2.1.0+cpu.
    return { version: version.split('+')[0]!, compiles };
  } catch (error) {
    const { code, stderr } = error as { code?: string | number; stderr?: string };
    if (code === 'ENOENT') return { reason: `there is no ${python}` };
    return { reason: `${python}: ${lastLine(stderr ?? '') ?? `ended with ${code}`}` };
  }
}

/** The last line that says something: where Python and Node put the error. */
export function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '');
}
