/**
 * Prepares a generated text file and prints how long it took and the peak resident memory of this process, threads
 * included: `pnpm --filter @dynact/bench large [--megabytes 2000] [--workers 2] [--json]`. Exit code 1 above the
 * limit of 600 MB.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareDataset } from '@dynact/data';
import { generateText } from './generate-text.ts';

const limitMegabytes = 600;
const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '2000' },
    workers: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});
const megabytes = Number(values.megabytes);
const directory = mkdtempSync(join(tmpdir(), 'dynact-large-'));
try {
  const source = join(directory, 'large.txt');
  generateText(source, megabytes * 1e6);
  const start = performance.now();
  const dataset = await prepareDataset({
    source,
    definitions: [],
    datasets: join(directory, 'datasets'),
    encoding: 'r50k_base',
    vocabularySize: 50_257,
    workers: Number(values.workers),
  });
  const seconds = (performance.now() - start) / 1000;
  const tokens = Object.values(dataset.manifest.splits).reduce((sum, split) => sum + split.tokens, 0);
  dataset.close();
  const result = {
    megabytes,
    workers: Number(values.workers),
    seconds: Number(seconds.toFixed(1)),
    megabytesPerSecond: Number((megabytes / seconds).toFixed(1)),
    tokens,
    peakResidentMegabytes: Math.round(process.resourceUsage().maxRSS / 1000),
    limitMegabytes,
  };
  if (values.json) console.log(JSON.stringify(result));
  else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(22)} ${value}`);
  if (result.peakResidentMegabytes >= limitMegabytes) process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true });
}
