import { isObject } from '@dynact/runs/records';
import type { RawConfig } from './overrides.ts';

/** Old paths, and what their last key is called now. */
const renamedKeys: Readonly<Record<string, string>> = {
  'model.feedForward.hidden': 'hiddenWidth',
  'training.evaluation.checkpoints': 'steps',
  'comparison.checkpoints': 'evaluationSteps',
};

/** A key by its old name, in the object that holds it. */
interface OldKey {
  readonly holder: RawConfig;
  readonly oldKey: string;
  readonly newKey: string;
  /** Whole path of the object, with a dot behind it. */
  readonly where: string;
}

/** Says in one line what the first old key of a configuration is called now; undefined where there is none. */
export function renamedKeyMessage(config: unknown): string | undefined {
  const [old] = oldKeys(config);
  return old && `${old.where}${old.oldKey}: it is called ${old.where}${old.newKey} now`;
}

/** A configuration that an earlier version wrote, with the keys of today. */
export function withNewKeys(config: unknown): unknown {
  const renamed = structuredClone(config);
  for (const { holder, oldKey, newKey } of oldKeys(renamed)) {
    holder[newKey] = holder[oldKey];
    delete holder[oldKey];
  }
  return renamed;
}

/** Every old key of a configuration and of the variants in it. */
function oldKeys(config: unknown): OldKey[] {
  const variants = objectAt(config, ['comparison', 'variants']) ?? {};
  const sections: [string, unknown][] = [
    ['', config],
    ...Object.entries(variants).map(([name, variant]): [string, unknown] => [`comparison.variants.${name}.`, variant]),
  ];
  return sections.flatMap(([prefix, section]) =>
    Object.entries(renamedKeys).flatMap(([path, newKey]) => {
      const keys = path.split('.');
      const oldKey = keys.pop()!;
      const holder = objectAt(section, keys);
      if (holder === undefined || !Object.hasOwn(holder, oldKey)) return [];
      return [{ holder, oldKey, newKey, where: `${prefix}${keys.join('.')}.` }];
    }),
  );
}

function objectAt(value: unknown, keys: readonly string[]): RawConfig | undefined {
  const found = keys.reduce((inner: unknown, key) => (isObject(inner) ? inner[key] : undefined), value);
  return isObject(found) ? found : undefined;
}
