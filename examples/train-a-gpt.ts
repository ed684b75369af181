/**
 * A GPT by hand, from the packages alone: text, tokens, batches, model, steps, and a sentence at the end.
 * `train-a-gpt.ts letters.txt 300`; `train` of @dynact/api does this with a folder, checkpoints and evaluation.
 */
import { backendConfigSchema, selectBackend } from '@dynact/backends';
import { createTrainingBatches, prepareDataset } from '@dynact/data';
import { createOptimizer, optimizerSchema, TrainStep } from '@dynact/nn';
import { Gpt, generateText, modelConfigSchema, resolveModelConfig } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';

const [text = 'letters.txt', steps = '300'] = process.argv.slice(2);
const [vocabularySize, context, batchSize, seed] = [512, 64, 16, 0];
const { compile } = await selectBackend(backendConfigSchema.parse({}), 'train');

// Tokens lie in datasets/, made once; a batch depends on nothing but the seed and its index.
const places = { definitions: [], datasets: 'datasets' };
const dataset = await prepareDataset({ source: text, ...places, encoding: 'r50k_base', vocabularySize });
const batches = createTrainingBatches({ tokens: dataset.splits.train, context, batchSize, seed });

const architecture = { layers: 2, width: 64, heads: 2, context, feedForward: { kind: 'dynactglu' } };
const model = new Gpt(resolveModelConfig(modelConfigSchema.parse(architecture), vocabularySize), seed);
console.log(`${model.parameters.reduce((sum, { variable }) => sum + variable.size, 0)} parameters`);

const learningRate = (step: number) => 0.005 * Math.min(1, step / 20);
const step = new TrainStep(
  {
    parameters: model.parameters,
    loss: ({ inputs, targets }: { inputs: tf.Tensor2D; targets: tf.Tensor2D }) => model.loss(inputs, targets),
  },
  { transform: createOptimizer(optimizerSchema.parse({}), learningRate, 1), compile },
);
for (let n = 1; n <= Number(steps); n++) {
  const { inputs, targets } = batches.batch(n - 1);
  const { loss } = await step.run(n, [
    {
      inputs: tf.tensor2d(inputs, [batchSize, context], 'int32'),
      targets: tf.tensor2d(targets, [batchSize, context], 'int32'), // each input's next token
    },
  ]);
  if (n === 1 || n % 50 === 0) console.log(`step ${n}: ${loss.toFixed(3)} nats a token`);
}

const tokenizer = await dataset.tokenizer();
const decode = (tokens: readonly number[]) => tokenizer.decode(tokens);
process.stdout.write('Dear');
const sampling = { decode, compile, maximumTokens: 40, temperature: 0.8, seed };
for await (const piece of generateText(model, tokenizer.encode('Dear'), sampling)) process.stdout.write(piece);
console.log();
