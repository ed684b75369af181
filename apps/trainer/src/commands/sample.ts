import { readFileSync } from 'node:fs';
import { type SampleOptions as SamplingOptions, streamSamples } from '@dynact/api';
import { collect, decimalNumber, printable, userPath, wholeNumber } from '@dynact/command-line';
import { InputError } from '@dynact/files';
import { checkSamplingOptions, generationBytes } from '@dynact/transformer';
import type { Command } from 'commander';
import { checkModelMemory } from '../model-memory.ts';
import { loadNamedRun, type NamedRunOptions, withNamedRun } from '../named-run.ts';

/** Texts of one batch: keys and values of all of them lie in memory. */
const mostTexts = 256;

interface SampleOptions extends NamedRunOptions, SamplingOptions {
  readonly prompt?: string[];
  readonly promptFile?: string;
  readonly count: number;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly json?: boolean;
}

export function sampleCommand(command: Command): void {
  withNamedRun(command)
    .option('--prompt <text>', 'what to continue; may be repeated', collect)
    .option('--prompt-file <file>', 'a file with what to continue; - for standard input')
    .option('-n, --count <count>', 'different texts for each prompt', wholeNumber, 1)
    .option('--max-tokens <count>', 'tokens to add at most', wholeNumber, 128)
    .option('--temperature <number>', 'divides the logits; 0 takes the most likely token', decimalNumber, 0.8)
    .option('--top-k <count>', 'draw from the k most likely tokens only', wholeNumber)
    .option('--top-p <share>', 'draw from the fewest tokens with this probability together', decimalNumber)
    .option('--repetition-penalty <number>', 'above 1, tokens that occurred become less likely', decimalNumber)
    .option('--stop <text>', 'end before this text; may be repeated', collect)
    .option('--seed <number>', 'of the draws', wholeNumber, 0)
    .option('--json', 'print one JSON document when done: of one text, or the list of several')
    .action(sample);
}

async function sample(folder: string, options: SampleOptions): Promise<void> {
  const { prompt: _, promptFile: __, count: ___, json, plugin: ____, set: _____, ...sampling } = options;
  const { maxTokens, seed } = sampling;
  const prompts = promptsOf(options);
  if (maxTokens < 1) throw new InputError('usage', `--max-tokens ${maxTokens}: give at least 1`);
  checkSamplingOptions(options);
  const run = await loadNamedRun(folder, options);
  const { model, tokenizer } = run;
  const longest = maxTokens + Math.max(...prompts.map((prompt) => tokenizer.encode(prompt).length));
  checkModelMemory(`writing from ${folder} needs`, generationBytes(model.config, prompts.length, longest));
  const writer = new InOrder(
    prompts,
    (text) => json || process.stdout.write(process.stdout.isTTY ? printable(text) : text),
  );
  const texts = prompts.map((prompt) => ({ prompt, text: '', tokens: 0, seed }));
  try {
    for await (const batch of streamSamples(run, prompts, sampling)) {
      for (const [row, { text, tokens, ended }] of batch.entries()) {
        texts[row] = { ...texts[row]!, text: texts[row]!.text + text, tokens };
        writer.push(row, text, ended);
      }
    }
  } finally {
    run.model.dispose();
  }
  if (json) console.log(JSON.stringify(texts.length === 1 ? texts[0] : texts));
}

/** One prompt for each text of the batch: those of a prompt stand together. */
function promptsOf({ prompt, promptFile, count }: SampleOptions): string[] {
  if ((prompt === undefined) === (promptFile === undefined)) {
    throw new InputError('usage', 'give what to continue, either with --prompt or with --prompt-file');
  }
  const given = prompt ?? [readPrompt(promptFile!)];
  if (given.includes(''))
    throw new InputError('usage', `--prompt${prompt ? '' : '-file'}: it is empty; give at least one character`);
  const texts = count * given.length;
  if (count < 1 || texts > mostTexts) {
    throw new InputError('usage', `--count ${count}: give 1 or more, and at most ${mostTexts} texts with all prompts`);
  }
  return given.flatMap((text) => Array.from({ length: count }, () => text));
}

function readPrompt(file: string): string {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : userPath(file), 'utf8');
  } catch {
    throw new InputError('file', `--prompt-file ${file} cannot be read; name a text file, or - for standard input`);
  }
  // As a corpus is read: without an editor's byte order mark, carriage returns and last line break.
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll(/\r\n?/g, '\n')
    .replace(/\n$/, '');
}

/** Writes texts that grow together one after the other: the first that has not ended as it comes, those behind it later. */
class InOrder {
  readonly #texts: { written: string; ended: boolean }[];
  readonly #write: (text: string) => void;
  #current = 0;

  constructor(prompts: readonly string[], write: (text: string) => void) {
    this.#texts = prompts.map((prompt) => ({ written: prompt, ended: false }));
    this.#write = write;
    this.#begin();
  }

  push(row: number, text: string, ended: boolean): void {
    const state = this.#texts[row]!;
    state.ended = ended;
    if (row === this.#current) this.#write(text);
    else state.written += text;
    while (this.#texts[this.#current]?.ended) {
      this.#write('\n');
      this.#current++;
      this.#begin();
    }
  }

  #begin(): void {
    const count = this.#texts.length;
    if (this.#current === count) return;
    if (count > 1) this.#write(`--- ${this.#current + 1} of ${count} ---\n`);
    this.#write(this.#texts[this.#current]!.written);
  }
}
