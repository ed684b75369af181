import { cpu } from './cpu.ts';
import { cuda } from './cuda.ts';
import type { Device } from './device.ts';
import { webgpu } from './webgpu.ts';

/** Every device by its name. */
export const devices: Readonly<Record<Device['name'], Device>> = { cpu, webgpu, cuda };
