import { calledAs, createProgress, userPath } from '@dynact/command-line';
import {
  createEvaluationWindows,
  type EvaluationWindows,
  joinedWindows,
  type PreparedDataset,
  type SplitName,
  splitNames,
} from '@dynact/data';
import { InputError } from '@dynact/files';
import { differingSplit, metricWords } from '@dynact/runs/records';
import { Evaluator, tokenDigests } from '@dynact/training';
import { evaluationBytes } from '@dynact/transformer';
import { type Command, Option } from 'commander';
import { checkModelMemory } from '../model-memory.ts';
import { loadNamedRun, type NamedRunOptions, withNamedRun } from '../named-run.ts';
import { datasetSource } from '../places.ts';
import { prepareConfigured } from '../prepare-configured.ts';

interface EvaluateOptions extends NamedRunOptions {
  readonly split?: SplitName | 'all';
  readonly data?: string;
  readonly json?: boolean;
}

export function evaluateCommand(command: Command): void {
  withNamedRun(command)
    .option(
      '--data <path>',
      `another text than that of the run: a file, a folder, or a name of \`${calledAs()} data list\``,
    )
    .addOption(
      new Option('--split <name>', 'by default validation, and all of a text that --data names by its path').choices([
        ...splitNames,
        'all',
      ]),
    )
    .option('--json', 'print one JSON document')
    .action(evaluate);
}

async function evaluate(folder: string, { data, json, ...options }: EvaluateOptions): Promise<void> {
  const { run, config, model, tokenizer, backend, checkpoint } = await loadNamedRun(folder, options);
  const { batchSize } = config.training;
  checkModelMemory(`evaluating ${folder} needs`, evaluationBytes(model.config, batchSize));
  const name = data === undefined ? config.dataset.name : datasetSource(data);
  const dataset = await prepareConfigured({ ...config.dataset, name });
  const progress = createProgress();
  try {
    const tokens = tokenDigests(dataset);
    const changed = differingSplit(run.config.tokens ?? tokens, tokens);
    if (data === undefined && changed !== undefined) {
      throw new InputError(
        'dataset',
        `${run.directory} was trained when the ${changed} split of ${config.dataset.name} was another text; name a run of today's`,
      );
    }
    const isText = data !== undefined && name === userPath(data);
    const { split = isText ? 'all' : 'validation' } = options;
    const windows = windowsOf(dataset, split, model.config.context);
    const evaluator = new Evaluator({ model, windows, tokenizer, batchSize, compile: backend.compile });
    const line = progress.line(`evaluate ${split}`, evaluator.batches);
    const { metrics, ...evaluation } = await evaluator.evaluate(undefined, (done) => line.update(done));
    progress.stop();
    const unigrams = split === 'validation' || split === 'test' ? dataset.unigramPerplexity(split) : undefined;
    const figures = { ...metrics, ...(unigrams !== undefined && { unigramPerplexity: unigrams }) };
    const result = { step: checkpoint.step, split, ...evaluation, ...figures };
    if (json) {
      console.log(JSON.stringify(result));
      return;
    }
    console.log(`step          ${result.step}`);
    console.log(`split         ${split}, ${evaluation.tokens.toLocaleString('en')} predicted tokens`);
    console.log(`loss          ${evaluation.loss} nats per token`);
    for (const [name, value] of Object.entries(metrics)) console.log(`${metricWords(name).padEnd(13)} ${value}`);
    if (unigrams !== undefined)
      console.log(`unigrams      ${unigrams.toFixed(2)} (perplexity under the training split's frequencies)`);
  } finally {
    progress.stop();
    dataset.close();
    model.dispose();
  }
}

/** The windows of a split, or of one after the other. @throws InputError where there is nothing to predict */
function windowsOf({ splits }: PreparedDataset, split: SplitName | 'all', context: number): EvaluationWindows {
  if (split !== 'all') return createEvaluationWindows({ tokens: splits[split], context });
  const filled = splitNames.map((name) => splits[name]).filter(({ length }) => length > 1);
  return joinedWindows(filled.map((tokens) => createEvaluationWindows({ tokens, context })));
}
