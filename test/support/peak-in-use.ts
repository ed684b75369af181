import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The most bytes that ONNX Runtime had in use at a time, of the traces in a profile folder. Call the backend's `profile` before. */
export function peakInUse(profileFolder: string): number {
  const events = readdirSync(profileFolder).flatMap(
    (name) => JSON.parse(readFileSync(join(profileFolder, name), 'utf8')) as { args?: { mem_in_use_peak?: string } }[],
  );
  return Math.max(...events.map(({ args }) => Number(args?.mem_in_use_peak ?? 0)));
}
