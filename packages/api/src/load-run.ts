import { resolve } from 'node:path';
import { type SelectedBackend, selectBackend } from '@dynact/backends';
import { createTokenizer, type Tokenizer } from '@dynact/data';
import { loadPlugins } from '@dynact/plugins';
import { type Checkpoint, locateCheckpoint, type RunReader } from '@dynact/runs';
import { type Config, loadWeights, recordedConfig } from '@dynact/training';
import { type Gpt, resolveModelConfig } from '@dynact/transformer';

/** A trained model, ready to use: `model.dispose()` when it is no longer needed. */
export interface LoadedRun {
  readonly run: RunReader;
  readonly checkpoint: Checkpoint;
  readonly config: Config;
  readonly model: Gpt;
  readonly tokenizer: Tokenizer;
  readonly backend: SelectedBackend;
}

/**
 * Loads the model of a run folder (its latest checkpoint) or of a checkpoint folder, on the backend of its configuration.
 * @param options the plugins that the run was made with; those that the folder names are never run by themselves
 * @throws InputError when the path is neither, a file of it is damaged, or a plugin is missing or has changed
 */
export async function loadRun(
  folder: string,
  { plugins = [] }: { readonly plugins?: readonly string[] } = {},
): Promise<LoadedRun> {
  const { run, which } = locateCheckpoint(resolve(folder));
  loadPlugins(
    plugins.map((file) => resolve(file)),
    [{ where: run.directory, plugins: run.config.plugins ?? [] }],
  );
  const checkpoint = run.readCheckpoint(which, { optimizer: false });
  const config = recordedConfig(run);
  const { encoding, vocabSize } = config.dataset;
  const modelConfig = resolveModelConfig(config.model, vocabSize);
  const tokenizer = await createTokenizer({ encoding, vocabularySize: vocabSize });
  const backend = await selectBackend(config.backend, 'infer');
  const model = loadWeights(modelConfig, checkpoint);
  return { run, checkpoint, config, model, tokenizer, backend };
}
