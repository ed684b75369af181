import { checkSamplingOptions, generate, TextStream } from '@dynact/transformer';
import type { Command } from 'commander';
import { collect, decimalNumber, wholeNumber } from '../command-line/arguments.ts';
import { InputError } from '../input-error.ts';
import { loadModel } from '../load-model.ts';

interface SampleOptions {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly repetitionPenalty?: number;
  readonly stop?: string[];
  readonly seed: number;
  readonly json?: boolean;
}

export function sampleCommand(program: Command): Command {
  return program
    .command('sample')
    .description('continue a text with a trained model')
    .argument('<folder>', 'a run folder (its latest checkpoint) or a checkpoint folder')
    .requiredOption('--prompt <text>', 'what to continue')
    .option('--max-tokens <count>', 'tokens to add at most', wholeNumber, 128)
    .option('--temperature <number>', 'divides the logits; 0 takes the most likely token', decimalNumber, 0.8)
    .option('--top-k <count>', 'draw from the k most likely tokens only', wholeNumber)
    .option('--top-p <share>', 'draw from the fewest tokens with this probability together', decimalNumber)
    .option('--repetition-penalty <number>', 'above 1, tokens that occurred become less likely', decimalNumber)
    .option('--stop <text>', 'end before this text; may be repeated', collect)
    .option('--seed <number>', 'of the draws', wholeNumber, 0)
    .option('--json', 'print one JSON document when done')
    .action(sample);
}

async function sample(folder: string, { prompt, maxTokens, stop, json, ...options }: SampleOptions): Promise<void> {
  if (prompt === '') throw new InputError('--prompt: it is empty; give at least one character');
  if (maxTokens < 1) throw new InputError(`--max-tokens ${maxTokens}: give at least 1`);
  checkSamplingOptions(options);
  const { model, tokenizer, backend } = await loadModel(folder);
  const { compile } = backend;
  const { endOfText } = tokenizer;
  const tokenBytes = (token: number) => tokenizer.tokenBytes(token);
  const settings = { ...options, maximumTokens: maxTokens, endOfText, tokenBytes, compile };
  const write = (text: string) => json || process.stdout.write(text);
  // A character may be spread over tokens, and a stop text too: the stream gives out what is certain.
  const stream = new TextStream((ids) => tokenizer.decode(ids), stop);
  let text = '';
  let tokens = 0;
  const give = (piece: string) => {
    write(piece);
    text += piece;
  };
  write(prompt);
  for await (const token of generate(model, tokenizer.encode(prompt), settings)) {
    give(stream.push(token));
    tokens++;
    if (stream.stopped) break;
  }
  give(stream.end());
  write('\n');
  if (json) console.log(JSON.stringify({ prompt, text, tokens, seed: options.seed }));
  model.dispose();
}
