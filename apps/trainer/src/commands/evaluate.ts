import { loadRun } from '@dynact/api';
import { calledAs, createProgress, userPath } from '@dynact/command-line';
import { createEvaluationWindows } from '@dynact/data';
import { InputError } from '@dynact/files';
import { differingSplit, metricWords } from '@dynact/runs/records';
import { Evaluator, tokenDigests } from '@dynact/training';
import { evaluationBytes } from '@dynact/transformer';
import { type Command, Option } from 'commander';
import { checkModelMemory } from '../model-memory.ts';
import { datasetSource } from '../places.ts';
import { type PluginOptions, pluginFiles, withPlugins } from '../plugins.ts';
import { prepareConfigured } from '../prepare-configured.ts';

interface EvaluateOptions extends PluginOptions {
  readonly split: 'validation' | 'test';
  readonly data?: string;
  readonly json?: boolean;
}

export function evaluateCommand(command: Command): void {
  withPlugins(command)
    .argument('<folder>', 'a run folder (its latest checkpoint) or a checkpoint folder')
    .option(
      '--data <path>',
      `another text than that of the run: a file, a folder, or a name of \`${calledAs()} data list\``,
    )
    .addOption(new Option('--split <name>', 'which split').choices(['validation', 'test']).default('validation'))
    .option('--json', 'print one JSON document')
    .action(evaluate);
}

async function evaluate(folder: string, { split, data, json, ...options }: EvaluateOptions): Promise<void> {
  const { run, config, model, tokenizer, backend, checkpoint } = await loadRun(userPath(folder), {
    plugins: pluginFiles(options),
  });
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
    const windows = createEvaluationWindows({ tokens: dataset.splits[split], context: model.config.context });
    const evaluator = new Evaluator({ model, windows, tokenizer, batchSize, compile: backend.compile });
    const line = progress.line(`evaluate ${split}`, evaluator.batches);
    const { metrics, ...evaluation } = await evaluator.evaluate(undefined, (done) => line.update(done));
    progress.stop();
    const unigramPerplexity = dataset.unigramPerplexity(split);
    const result = { step: checkpoint.step, split, ...evaluation, ...metrics, unigramPerplexity };
    if (json) {
      console.log(JSON.stringify(result));
      return;
    }
    console.log(`step          ${result.step}`);
    console.log(`split         ${split}, ${evaluation.tokens.toLocaleString('en')} predicted tokens`);
    console.log(`loss          ${evaluation.loss} nats per token`);
    for (const [name, value] of Object.entries(metrics)) console.log(`${metricWords(name).padEnd(13)} ${value}`);
    console.log(`unigrams      ${unigramPerplexity.toFixed(2)} (perplexity under the training split's frequencies)`);
  } finally {
    progress.stop();
    dataset.close();
    model.dispose();
  }
}
