import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus, hostname } from 'node:os';
import { join } from 'node:path';

/** The machine that computes, as runs record it: other models of CPU or GPU may give other bits. */
export interface MachineIdentity {
  readonly host: string;
  readonly cpu: string;
  /** The one that computes, or the first: NVIDIA's only, and on Linux only; null without one. */
  readonly gpu: string | null;
}

/** @param device whose GPU is named: cuda:1 for the second one */
export function machineIdentity(device: string): MachineIdentity {
  const index = Number(device.split(':')[1] ?? 0);
  return { host: hostname(), cpu: cpus()[0]?.model.trim() || 'unknown', gpu: gpuModel(index) };
}

/** The model's name as the driver has it; null also for a part of a GPU. The folders lie in the order of device's numbers. */
export function gpuModel(index: number, gpus = '/proc/driver/nvidia/gpus'): string | null {
  const folders = existsSync(gpus) ? readdirSync(gpus).sort() : [];
  const found = folders.map((folder) => {
    const text = readFileSync(join(gpus, folder, 'information'), 'utf8');
    const [model, id] = [/^Model:\s*(.+)$/m, /^GPU UUID:\s*(.+)$/m].map((line) => line.exec(text)?.[1]?.trim());
    return { model: model ?? null, id: id ?? '' };
  });
  const allowed = process.env.CUDA_VISIBLE_DEVICES?.split(',')[index]?.trim() || `${index}`;
  const isNumber = /^\d+$/.test(allowed);
  return (isNumber ? found[Number(allowed)] : found.find(({ id }) => id.startsWith(allowed)))?.model ?? null;
}
