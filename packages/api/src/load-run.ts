import { resolve } from 'node:path';
import { type SelectedBackend, selectBackend } from '@dynact/backends';
import { createTokenizer, type Tokenizer } from '@dynact/data';
import { loadPlugins } from '@dynact/plugins';
import { type Checkpoint, locateCheckpoint, type RunReader } from '@dynact/runs';
import {
  type BackendConfig,
  type Config,
  loadWeights,
  mergeConfig,
  parseConfig,
  recordedConfig,
} from '@dynact/training';
import { type Gpt, resolveModelConfig } from '@dynact/transformer';
import { refuseUnknown } from './settings.ts';

/** A trained model, ready to use: `model.dispose()` when it is no longer needed. */
export interface LoadedRun {
  readonly run: RunReader;
  readonly checkpoint: Checkpoint;
  readonly config: Config;
  readonly model: Gpt;
  readonly tokenizer: Tokenizer;
  readonly backend: SelectedBackend;
}

export interface LoadOptions {
  /** Files of activations and blocks that the run was made with; they are run. */
  readonly plugins?: readonly string[];
  /** Where to compute, where that is not what the run's configuration says. */
  readonly backend?: Partial<BackendConfig>;
}

export const loadOptionNames = { plugins: true, backend: true } satisfies Record<keyof LoadOptions, true>;

/**
 * Loads the model of a run folder (its latest checkpoint) or of a checkpoint folder.
 * @param options plugins that the folder names are never run by themselves
 * @throws InputError when the path is neither, a file of it is damaged, a plugin is missing or has changed, or the backend
 * cannot be used here
 */
export async function loadRun(folder: string, options: LoadOptions = {}): Promise<LoadedRun> {
  refuseUnknown('loadRun', options, loadOptionNames);
  const { plugins = [], backend: ownBackend = {} } = options;
  const { run, which } = locateCheckpoint(resolve(folder));
  loadPlugins(
    plugins.map((file) => resolve(file)),
    [{ where: run.directory, plugins: run.config.plugins ?? [] }],
  );
  const checkpoint = run.readCheckpoint(which, { optimizer: false });
  const recorded = recordedConfig(run);
  const config = parseConfig(mergeConfig(recorded, { backend: ownBackend }), 'backend');
  const { encoding, vocabSize } = config.dataset;
  const modelConfig = resolveModelConfig(config.model, vocabSize);
  const tokenizer = await createTokenizer({ encoding, vocabularySize: vocabSize });
  const backend = await selectBackend(config.backend, 'infer');
  const model = loadWeights(modelConfig, checkpoint);
  return { run, checkpoint, config, model, tokenizer, backend };
}
