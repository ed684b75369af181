import { InputError } from '@dynact/files';
import { locateCheckpoint } from '@dynact/runs';
import type { Gpt, ResolvedModelConfig } from '@dynact/transformer';
import type { Config } from '../config/schema.ts';
import { loadWeights } from './checkpoints.ts';
import { recordedConfig } from './recorded-config.ts';

/**
 * A model with the weights of another run, to go on from them with another text.
 * @param from a run folder (its latest checkpoint) or a checkpoint folder
 * @throws InputError when its tokens mean something else, or its model has another shape
 */
export function modelFrom(from: string, model: ResolvedModelConfig, { dataset }: Config): Gpt {
  const { run, which } = locateCheckpoint(from);
  const other = recordedConfig(run).dataset;
  for (const key of ['encoding', 'vocabSize'] as const) {
    if (other[key] === dataset[key]) continue;
    throw new InputError(
      'configuration',
      `training.from: ${run.directory} has dataset.${key} ${other[key]}, this run ${dataset[key]}; its tokens mean something else`,
    );
  }
  return loadWeights(model, run.readCheckpoint(which, { optimizer: false }));
}
