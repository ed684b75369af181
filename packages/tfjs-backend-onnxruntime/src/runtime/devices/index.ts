import { cpu } from './cpu.ts';
import { cuda } from './cuda.ts';
import type { Device } from './device.ts';
import { webgpu } from './webgpu.ts';

/** Every kind of device by its name. */
export const devices: Readonly<Record<Device['name'], Device>> = { cpu, webgpu, cuda: cuda(0, true) };

const gpus = new Map<string, Device>();

/** The device that options name: one object for each, because memory belongs to it. */
export function deviceOf({ device, tf32 }: { readonly device: string; readonly tf32: boolean }): Device {
  const [name, index = '0'] = device.split(':') as [Device['name'], string?];
  if (name !== 'cuda') return devices[name];
  const key = `${index} ${tf32}`;
  const known = gpus.get(key) ?? cuda(Number(index), tf32);
  gpus.set(key, known);
  return known;
}
