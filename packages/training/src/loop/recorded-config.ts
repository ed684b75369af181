import { join } from 'node:path';
import { configFile, locateCheckpoint, type RunReader } from '@dynact/runs';
import type { RawConfig } from '../config/overrides.ts';
import { parseRecordedConfig } from '../config/parse.ts';
import type { Config } from '../config/schema.ts';

/** The configuration of a run as one of today. @throws InputError, which names its file, where it is none */
export function recordedConfig({ config, directory }: Pick<RunReader, 'config' | 'directory'>): Config {
  return parseRecordedConfig(config.config, join(directory, configFile));
}

/**
 * The model, the tokens and the text of a run, for one that begins with its weights; settings of its own lie over it.
 * @param from the path, from the root on, of a run folder (its latest checkpoint) or a checkpoint folder
 * @throws InputError where it is neither
 */
export function startingFrom(from: string): RawConfig {
  const { dataset, model } = recordedConfig(locateCheckpoint(from).run);
  return { dataset, model, training: { from } };
}
