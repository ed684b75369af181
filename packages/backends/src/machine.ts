import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus, hostname } from 'node:os';
import { join } from 'node:path';

/** The machine that computes, as runs record it: other models of CPU or GPU may give other bits. */
export interface MachineIdentity {
  readonly host: string;
  readonly cpu: string;
  /** NVIDIA's only, and on Linux only; null without one. */
  readonly gpu: string | null;
}

export function machineIdentity(): MachineIdentity {
  return { host: hostname(), cpu: cpus()[0]?.model.trim() || 'unknown', gpu: gpuModel() };
}

/** As the driver names the first one. */
function gpuModel(gpus = '/proc/driver/nvidia/gpus'): string | null {
  const [first] = existsSync(gpus) ? readdirSync(gpus).sort() : [];
  if (first === undefined) return null;
  return /^Model:\s*(.+)$/m.exec(readFileSync(join(gpus, first, 'information'), 'utf8'))?.[1]?.trim() ?? null;
}
