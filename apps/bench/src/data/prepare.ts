/**
 * How fast a corpus becomes token files, and what reading batches costs:
 * `pnpm bench data [--megabytes 512] [--rounds 2] [--json]`.
 *
 * Prints MB/s and tokens/s of preparing a generated English text at r50k_base's full size with 1 and with 2 workers,
 * beside gpt-tokenizer alone and, where python3 has it, tiktoken, each encoding the same text in memory on one thread.
 * The runs take turns, and the best of the rounds counts: what is measured is the program, not its neighbors.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createTokenizer, createTrainingBatches, type PreparedDataset, prepareDataset } from '@dynact/data';
import { encode } from 'gpt-tokenizer/encoding/r50k_base';
import { generateText } from './generate-text.ts';

/** Characters that are encoded at a time, as `prepareDataset` does. */
const segmentLength = 32 * 1024;

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});
const megabytes = Number(values.megabytes);
const rounds = Number(values.rounds);
const form = { encoding: 'r50k_base', vocabularySize: 50_257 } as const;
const directory = mkdtempSync(join(tmpdir(), 'dynact-bench-'));
const source = join(directory, 'text.txt');

interface Speed {
  name: string;
  megabytesPerSecond: number;
  tokensPerSecond: number;
}

async function prepareWith(workers: number): Promise<{ seconds: number; tokens: number; dataset: PreparedDataset }> {
  const datasets = join(directory, 'datasets');
  rmSync(datasets, { recursive: true, force: true });
  const start = performance.now();
  const dataset = await prepareDataset({ source, definitions: [], datasets, ...form, workers });
  const seconds = (performance.now() - start) / 1000;
  const tokens = Object.values(dataset.manifest.splits).reduce((sum, split) => sum + split.tokens, 0);
  return { seconds, tokens, dataset };
}

/** gpt-tokenizer on this thread, on stretches as long as those that workers get. */
function plainGptTokenizer(): { seconds: number; tokens: number } {
  const text = readFileSync(source, 'utf8');
  const start = performance.now();
  let tokens = 0;
  for (let at = 0; at < text.length; at += segmentLength) tokens += encode(text.slice(at, at + segmentLength)).length;
  return { seconds: (performance.now() - start) / 1000, tokens };
}

/** tiktoken with the same ranks and pattern (it would fetch its own), or undefined where python3 lacks it. */
async function tiktoken(): Promise<{ seconds: number; tokens: number } | undefined> {
  const tokenizer = await createTokenizer(form);
  const ranks = Array.from({ length: tokenizer.endOfText }, (_, id) =>
    Buffer.from(tokenizer.tokenBytes(id)).toString('base64'),
  );
  writeFileSync(join(directory, 'ranks.json'), JSON.stringify(ranks));
  const program = `
import base64, json, sys, time
import tiktoken
ranks = {base64.b64decode(t): i for i, t in enumerate(json.load(open(sys.argv[1])))}
pattern = r"'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s"
encoding = tiktoken.Encoding("r50k", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
text = open(sys.argv[2], encoding="utf-8", newline="").read()
start = time.perf_counter()
tokens = sum(len(encoding.encode_ordinary(text[at:at + ${segmentLength}])) for at in range(0, len(text), ${segmentLength}))
print(json.dumps({"seconds": time.perf_counter() - start, "tokens": tokens}))
`;
  try {
    const printed = execFileSync('python3', ['-c', program, join(directory, 'ranks.json'), source], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return JSON.parse(printed);
  } catch {
    return undefined;
  }
}

/** Microseconds of one batch of the engine benchmark's size (context 128, batch 16), over whole epochs. */
function batchMicroseconds(dataset: PreparedDataset): number {
  const batches = createTrainingBatches({ tokens: dataset.splits.train, context: 128, batchSize: 16, seed: 0 });
  const steps = 2000;
  const start = performance.now();
  for (let step = 0; step < steps; step++) batches.batch(step);
  return (1000 * (performance.now() - start)) / steps;
}

/** Milliseconds from an open dataset to the batch of a step that a run of days would be at. */
function resumeMilliseconds({ splits }: PreparedDataset): number {
  const start = performance.now();
  createTrainingBatches({ tokens: splits.train, context: 128, batchSize: 16, seed: 0 }).batch(10_000_000);
  return performance.now() - start;
}

try {
  generateText(source, megabytes * 1e6);
  const best = new Map<string, { seconds: number; tokens: number }>();
  const record = (name: string, run: { seconds: number; tokens: number } | undefined): void => {
    if (run !== undefined && run.seconds < (best.get(name)?.seconds ?? Infinity)) best.set(name, run);
  };
  let batch = Infinity;
  let resume = 0;
  for (let round = 0; round < rounds; round++) {
    record('gpt-tokenizer, 1 thread', plainGptTokenizer());
    record('tiktoken, 1 thread', await tiktoken());
    for (const workers of [1, 2]) {
      const { dataset, ...run } = await prepareWith(workers);
      record(workers === 1 ? 'prepare, 1 worker' : `prepare, ${workers} workers`, run);
      resume = Math.max(resume, resumeMilliseconds(dataset));
      batch = Math.min(batch, batchMicroseconds(dataset));
      dataset.close();
    }
  }
  const speeds: Speed[] = [...best].map(([name, { seconds, tokens }]) => ({
    name,
    megabytesPerSecond: Number((megabytes / seconds).toFixed(2)),
    tokensPerSecond: Math.round(tokens / seconds),
  }));
  const seconds = (name: string): number => best.get(name)!.seconds;
  const result = {
    megabytes,
    speeds,
    twoWorkersOverOne: Number((seconds('prepare, 1 worker') / seconds('prepare, 2 workers')).toFixed(2)),
    twoWorkersOverGptTokenizer: Number((seconds('gpt-tokenizer, 1 thread') / seconds('prepare, 2 workers')).toFixed(2)),
    batchMicroseconds: Number(batch.toFixed(1)),
    resumeMilliseconds: Number(resume.toFixed(2)),
  };
  if (values.json) {
    console.log(JSON.stringify(result));
  } else {
    for (const { name, megabytesPerSecond, tokensPerSecond } of speeds) {
      const rate = `${megabytesPerSecond.toFixed(1)} MB/s`.padStart(12);
      console.log(`${name.padEnd(24)}${rate}${`${(tokensPerSecond / 1e6).toFixed(2)} M tokens/s`.padStart(20)}`);
    }
    if (!best.has('tiktoken, 1 thread')) console.log('tiktoken                python3 does not have it');
    console.log(
      `2 workers over 1: ${result.twoWorkersOverOne}; over gpt-tokenizer: ${result.twoWorkersOverGptTokenizer}`,
    );
    console.log(`a batch of 16 x 128 tokens: ${result.batchMicroseconds} microseconds`);
    console.log(`the first batch when resuming at step 10 000 000: ${result.resumeMilliseconds} ms`);
  }
} finally {
  rmSync(directory, { recursive: true });
}
