import type { Config } from '../config/schema.ts';
import { describeLearningRate } from '../config/stretches.ts';

/** Text, portions and rate that a run learns with: a name and a text each. */
export function trainingFacts({ dataset, model, training }: Config): [name: string, text: string][] {
  const { batchSize, gradientAccumulation, optimizer, steps } = training;
  const passes = gradientAccumulation === 1 ? '' : `, ${gradientAccumulation} times a step`;
  const [rate, ...rates] = describeLearningRate(training);
  return [
    ['dataset', `${dataset.name} (${dataset.encoding}, ${dataset.vocabSize} tokens)`],
    ['batch', `${batchSize} x ${model.context} tokens${passes}`],
    ['steps', `${steps.toLocaleString('en')}, ${optimizer.name}`],
    ['learning rate', rate!],
    ...rates.map((line): [string, string] => ['', line]),
  ];
}
