import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseConfig, planModel, presets } from '../src/index.ts';

test.each(['small', 'micro'] as const)('the memory estimate of %s is within 15 percent of a measured run', (preset) => {
  const child = fileURLToPath(new URL('memory-child.ts', import.meta.url));
  const command = ['--conditions=@dynact/source', '--import', 'tsx', child, preset];
  const lines = execFileSync(process.execPath, command, { encoding: 'utf8' }).trim().split('\n');
  const measured = Number(lines.at(-1));
  const estimated = planModel(parseConfig(presets[preset])).memory.total;
  console.log(`${preset}: estimated ${Math.round(estimated / 1e6)} MB, measured ${Math.round(measured / 1e6)} MB`);
  expect(Math.abs(estimated / measured - 1)).toBeLessThan(0.15);
});
