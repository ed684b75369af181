import { statSync } from 'node:fs';
import { join } from 'node:path';
import { userPath } from '@dynact/command-line';
import {
  type ComparisonPlan,
  planComparison,
  recordedConfiguration,
  recordedPlugins,
  withRecordedEvaluations,
} from '@dynact/comparison';
import { InputError } from '@dynact/files';
import { loadPlugins } from '@dynact/plugins';
import { parseConfig, type RawConfig } from '@dynact/training';
import { describeFeedForwardKinds, feedForwardKind } from '@dynact/transformer';
import { type ConfigurationOptions, type LoadedConfiguration, loadConfiguration, override } from './configuration.ts';
import { runsDirectory } from './places.ts';
import { pluginFiles } from './plugins.ts';

export interface ComparisonOptions extends ConfigurationOptions {
  readonly variants?: string[];
  readonly seeds?: number[];
  readonly evaluateAt?: number[];
  readonly jobs?: number;
  readonly executor?: 'processes' | 'slurm';
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly ignoreMemory?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** The comparison that the options name, over what the folder holds that they continue or take for a model. */
export function plannedComparison(text: string | undefined, options: ComparisonOptions): ComparisonPlan {
  const { config, ...rest } = options;
  const isFolder = config !== undefined && isDirectory(userPath(config));
  const folder = isFolder ? userPath(config) : continues(text, options) ? userPath(options.out!) : undefined;
  const there = namedFolder(options);
  const folders = [folder, there].filter((path) => path !== undefined);
  loadPlugins(pluginFiles(options), [...new Set(folders)].flatMap(recordedPlugins));
  const base = folder === undefined ? undefined : recordedConfiguration(folder);
  if (isFolder && base === undefined)
    throw new InputError('usage', `--config ${config}: it is no comparison; name the folder of one, or a JSON file`);
  const loaded = withOptions(loadConfiguration(isFolder ? rest : options, text, base), options);
  const raw = there === undefined ? loaded.raw : withRecordedEvaluations(loaded.raw, loaded.source, there);
  return planComparison(raw, loaded.source);
}

/** Whether the folder says what to compare. A change of the block would be hidden by the variants that it recorded. */
function continues(text: string | undefined, { out, preset, config, set = [] }: ComparisonOptions): boolean {
  const changesBlock = set.some((assignment) => assignment.startsWith('model.feedForward'));
  return out !== undefined && [text, preset, config].every((given) => given === undefined) && !changesBlock;
}

/** The folder that the options name, which may not be there yet; undefined for one of its own. */
export function namedFolder({ out, preset }: ComparisonOptions): string | undefined {
  if (out !== undefined) return userPath(out);
  return preset === undefined ? undefined : join(runsDirectory(), preset);
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The options with names of their own, laid over the configuration. */
function withOptions(loaded: LoadedConfiguration, options: ComparisonOptions): LoadedConfiguration {
  const { variants, seeds, evaluateAt, jobs, executor } = options;
  const comparison: RawConfig = {
    ...(variants === undefined ? {} : { variants: namedVariants(loaded, variants), baseline: variants[0] }),
    ...(seeds === undefined ? {} : { seeds }),
    ...(evaluateAt === undefined ? {} : { evaluationSteps: evaluateAt }),
    ...(jobs === undefined ? {} : { jobs }),
    ...(executor === undefined ? {} : { executor: { kind: executor } }),
  };
  // The short form lists all variants, so those of the configuration are not merged with it; nor are the options of
  // another executor.
  const { variants: known, executor: place, ...shared } = (loaded.raw.comparison ?? {}) as RawConfig;
  const isSamePlace = executor === undefined || (place as RawConfig | undefined)?.kind === executor;
  const kept = {
    ...shared,
    ...(variants === undefined && known !== undefined ? { variants: known } : {}),
    ...(isSamePlace && place !== undefined ? { executor: place } : {}),
  };
  return override({ ...loaded, raw: { ...loaded.raw, comparison: kept } }, { comparison });
}

function namedVariants({ raw, source }: LoadedConfiguration, variants: readonly string[]): RawConfig {
  const configured = parseConfig(raw, source).comparison.variants;
  const twice = variants.find((name, index) => variants.indexOf(name) !== index);
  if (twice !== undefined) throw new InputError('usage', `--variants: ${twice} stands twice; name each once`);
  return Object.fromEntries(
    variants.map((name) => {
      const known = Object.hasOwn(configured, name) ? configured[name] : undefined;
      if (known === undefined && feedForwardKind(name) === undefined) {
        const own = Object.keys(configured).filter((each) => feedForwardKind(each) === undefined);
        const choices = [...own, describeFeedForwardKinds()].join(', ');
        throw new InputError('usage', `--variants: unknown variant "${name}"; use ${choices}`);
      }
      return [name, known ?? { model: { feedForward: { kind: name } } }];
    }),
  );
}
