import { spawnSync } from 'node:child_process';
import { architectures, cudaVersion, oldestDriver, onnxRuntimeVersion } from './wheels.ts';

/** An NVIDIA GPU, as its driver describes it. */
export interface Gpu {
  readonly name: string;
  /** Bytes of its memory. */
  readonly memory: number;
  /** Bytes that nobody uses now. */
  readonly free: number;
  readonly driver: string;
  /** Its compute capability: 9.0. */
  readonly architecture: string;
}

const fields = ['index', 'uuid', 'name', 'memory.total', 'memory.free', 'driver_version', 'compute_cap'];
const mebibyte = 2 ** 20;

/** The GPUs that a program may use, in the order of cuda:0, cuda:1, ..., or why there are none, in one line. */
export function nvidiaGpus(): readonly Gpu[] | string {
  const query = [`--query-gpu=${fields}`, '--format=csv,noheader,nounits'];
  const { error, status, stdout, stderr } = spawnSync('nvidia-smi', query, { encoding: 'utf8', timeout: 30_000 });
  if (error && 'code' in error && error.code === 'ENOENT') {
    return `there is no NVIDIA driver (nvidia-smi is not found): with version ${oldestDriver} or newer, \`dynact setup cuda\` brings the rest`;
  }
  if (error || status !== 0) {
    const [reason = ''] = (error?.message ?? `${stdout}${stderr}`).trim().split('\n');
    return `NVIDIA's driver does not answer (nvidia-smi: ${reason || `ended with ${status}`})`;
  }
  const lines = stdout.split('\n').filter((line) => line.trim() !== '');
  const found = lines.map((line) => {
    const [index, id, name, total, free, driver, architecture] = line.split(',').map((field) => field.trim());
    const gpu = { name: name!, memory: Number(total) * mebibyte, free: Number(free) * mebibyte };
    return { index: index!, id: id!, gpu: { ...gpu, driver: driver!, architecture: architecture! } };
  });
  const { CUDA_VISIBLE_DEVICES: allowed } = process.env;
  if (allowed === undefined) return found.length > 0 ? found.map(({ gpu }) => gpu) : "NVIDIA's driver finds no GPU";
  const named = allowed.split(',').map((name) => {
    const trimmed = name.trim();
    return found.find(({ index, id }) => trimmed === index || (trimmed !== '' && id.startsWith(trimmed)));
  });
  // CUDA takes those before the first one that is not there.
  const firstMissing = named.indexOf(undefined);
  const visible = firstMissing === -1 ? named : named.slice(0, firstMissing);
  if (visible.length === 0) return `CUDA_VISIBLE_DEVICES=${allowed} leaves no GPU`;
  return visible.map((each) => each!.gpu);
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
