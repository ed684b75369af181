import { spawnSync } from 'node:child_process';
import { architectures, cudaVersion, oldestDriver, onnxRuntimeVersion } from './wheels.ts';

/** An NVIDIA GPU, as its driver describes it. */
export interface Gpu {
  readonly name: string;
  /** Bytes of its memory; null where that is not its own. */
  readonly memory: number | null;
  /** Bytes that nobody uses now. */
  readonly free: number | null;
  readonly driver: string;
  /** Its compute capability: 9.0. Empty where the driver is too old to know of it. */
  readonly architecture: string;
}

/** A GPU with what CUDA_VISIBLE_DEVICES may call it. */
interface Named {
  readonly index: string;
  readonly id: string;
  readonly gpu: Gpu;
}

const architecture = 'compute_cap';
const fields = ['index', 'uuid', 'name', 'memory.total', 'memory.free', 'driver_version', architecture];

/** The GPUs that a program may use, in the order of cuda:0, cuda:1, ..., or why there are none, in one line. */
export function nvidiaGpus(): readonly Gpu[] | string {
  const found = allGpus();
  if (typeof found === 'string') return found;
  const { CUDA_VISIBLE_DEVICES: allowed } = process.env;
  if (allowed === undefined) return found.length > 0 ? found.map(({ gpu }) => gpu) : "NVIDIA's driver finds no GPU";
  const parts = allowed.includes('MIG-') ? partsOf(found) : [];
  const named = allowed.split(',').map((name) => {
    const trimmed = name.trim();
    return [...found, ...parts].find(
      ({ index, id }) => trimmed === index || (trimmed !== '' && id.startsWith(trimmed)),
    );
  });
  // CUDA takes those before the first one that is not there.
  const firstMissing = named.indexOf(undefined);
  const visible = firstMissing === -1 ? named : named.slice(0, firstMissing);
  if (visible.length === 0) return `CUDA_VISIBLE_DEVICES=${allowed} leaves no GPU`;
  // Of parts CUDA takes one.
  const last = visible.findIndex((each) => parts.includes(each!));
  return visible.slice(0, last < 0 ? undefined : last + 1).map((each) => each!.gpu);
}

function allGpus(): Named[] | string {
  const query = (names: readonly string[]) => ask(`--query-gpu=${names}`, '--format=csv,noheader,nounits');
  let answer = query(fields);
  // Drivers before 2021 do not know this field. What is to be said of them is that they are too old.
  if ('reason' in answer && answer.reason.includes(architecture)) {
    answer = query(fields.filter((name) => name !== architecture));
  }
  if ('missing' in answer) {
    return `there is no NVIDIA driver (nvidia-smi is not found): with version ${oldestDriver} or newer, \`dynact setup cuda\` brings the rest`;
  }
  if ('reason' in answer) return `NVIDIA's driver does not answer (nvidia-smi: ${answer.reason})`;
  return answer.lines.map((line) => {
    const [index, id, name, total, free, driver, architecture = ''] = line.split(',').map((field) => field.trim());
    const gpu = { name: name!, memory: bytesOf(total!), free: bytesOf(free!), driver: driver!, architecture };
    return { index: index!, id: id!, gpu };
  });
}

/** Parts that GPUs were divided into (MIG), which only their ids name. */
function partsOf(gpus: readonly Named[]): Named[] {
  const answer = ask('-L');
  if (!('lines' in answer)) return [];
  let whole: Gpu | undefined;
  return answer.lines.flatMap((line): Named[] => {
    const [, id = ''] = /\(UUID: ([^)]+)\)/.exec(line) ?? [];
    const [, profile, gigabytes] = /^\s+MIG (\S*?(\d+)gb\S*) /.exec(line) ?? [];
    if (profile === undefined) whole = gpus.find((gpu) => gpu.id === id)?.gpu;
    if (profile === undefined || whole === undefined) return [];
    const memory = Number(gigabytes) * 2 ** 30;
    return [{ index: id, id, gpu: { ...whole, name: `${whole.name} MIG ${profile}`, memory, free: memory } }];
  });
}

/** Asks the driver's program. @returns the lines that it prints, or why there are none */
function ask(...parameters: string[]): { lines: string[] } | { missing: true } | { reason: string } {
  const { error, status, stdout, stderr } = spawnSync('nvidia-smi', parameters, { encoding: 'utf8', timeout: 30_000 });
  if (error && 'code' in error && error.code === 'ENOENT') return { missing: true };
  if (error || status !== 0) {
    const [reason = ''] = (error?.message ?? `${stdout}${stderr}`).trim().split('\n');
    return { reason: reason || `ended with ${status}` };
  }
  return { lines: stdout.split('\n').filter((line) => line.trim() !== '') };
}

/** @param mebibytes as the driver writes them; `[N/A]` of a GPU that shares the machine's memory */
function bytesOf(mebibytes: string): number | null {
  const bytes = Number(mebibytes) * 2 ** 20;
  return Number.isNaN(bytes) ? null : bytes;
}

/** Reason why the provider cannot run on a GPU, in one line; undefined where it can. */
export function unfit({ name, driver, architecture }: Gpu): string | undefined {
  const major = Number.parseInt(driver, 10);
  if (major < oldestDriver) {
    return `NVIDIA's driver ${driver} is too old for CUDA ${cudaVersion}, which ONNX Runtime ${onnxRuntimeVersion} wants: install ${oldestDriver} or newer`;
  }
  const [generation, minor] = architecture.split('.').map(Number);
  const fits = architectures.some((each) => {
    const [major, least] = each.split('.').map(Number);
    return major === generation && minor! >= least!;
  });
  if (fits) return undefined;
  return `ONNX Runtime ${onnxRuntimeVersion} has no CUDA code for ${name} (compute capability ${architecture}), only for ${architectures.join(', ')}; device "webgpu" may run`;
}
