import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { vi } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

/** A line of nvidia-smi: an H100 with the driver of today, but for what is given. */
export function smiLine({
  index = 0,
  driver = '580.95.05',
  architecture = '9.0',
  name = 'NVIDIA H100',
  memory = 81_559,
} = {}): string {
  return `${index}, GPU-${index}abc, ${name}, ${memory}, ${memory - 480}, ${driver}, ${architecture}`;
}

/** Puts programs of JavaScript before all others on PATH, until `vi.unstubAllEnvs()`. @returns their folder */
export function fakePrograms(programs: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  // Whatever lies in a folder above.
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }');
  for (const [name, code] of Object.entries(programs)) {
    const file = join(folder, name);
    writeFileSync(file, `#!${process.execPath}\n${code}\n`);
    chmodSync(file, 0o755);
  }
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  return folder;
}

/** A driver whose nvidia-smi prints these lines. */
export function fakeDriver(...lines: string[]): void {
  fakePrograms({ 'nvidia-smi': `console.log(${JSON.stringify(lines.join('\n'))})` });
}
