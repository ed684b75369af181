import { checkNeed, type SelectedBackend, selectBackend } from '@dynact/backends';
import { userPath, warn } from '@dynact/command-line';
import { createTokenizer, type Tokenizer } from '@dynact/data';
import { type Checkpoint, locateCheckpoint, type RunReader } from '@dynact/runs';
import { type Config, loadWeights, parseRecordedConfig } from '@dynact/training';
import { type Gpt, resolveModelConfig } from '@dynact/transformer';

/** A trained model, ready to use. */
export interface LoadedModel {
  readonly run: RunReader;
  readonly checkpoint: Checkpoint;
  readonly config: Config;
  readonly model: Gpt;
  readonly tokenizer: Tokenizer;
  readonly backend: SelectedBackend;
}

/**
 * Loads the model of a run folder (its latest checkpoint) or of a checkpoint folder.
 * @throws InputError when the path is neither, or a file of it is damaged
 */
export async function loadModel(path: string): Promise<LoadedModel> {
  const { run, which } = locateCheckpoint(userPath(path));
  const checkpoint = run.readCheckpoint(which, { optimizer: false });
  const config = parseRecordedConfig(run.config.config, `${run.directory}/config.json`);
  const { encoding, vocabSize } = config.dataset;
  const modelConfig = resolveModelConfig(config.model, vocabSize);
  const tokenizer = await createTokenizer({ encoding, vocabularySize: vocabSize });
  const backend = await selectBackend(config.backend, 'infer');
  const model = loadWeights(modelConfig, checkpoint);
  return { run, checkpoint, config, model, tokenizer, backend };
}

/**
 * Holds what a loaded model is about to take against this machine: its configuration, which may be a stranger's, can ask
 * for far more than its weights. Warns where it may be too much.
 * @param what the beginning of a sentence: `evaluating RUN needs`
 * @throws InputError where it is more than there is
 */
export function checkModelMemory(what: string, bytes: number): void {
  const advice =
    'its config.json asks for a long context, many layers or a large batch; take a machine with more memory';
  warn(checkNeed(what, bytes, () => advice));
}
