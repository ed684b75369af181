import { type BackendConfig, backendConfigSchema } from '@dynact/backends';
import { InvalidArgumentError } from 'commander';

/** A device as configurations name it. */
export function deviceName(text: string): BackendConfig['device'] {
  const parsed = backendConfigSchema.shape.device.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(`"${text}" is none of cpu, webgpu, cuda, cuda:1, ...`);
  return parsed.data;
}
