/** Settings that differ between runs without making them other runs. */
const uninteresting = /^(comparison|backend\.threads|training\.stretches)(\.|$)/;
/** Settings named in a row. */
const most = 12;

/** Every setting by its path: `model.width`. Lists count as one value. */
export function flatSettings(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new Map([[path, typeof value === 'string' ? value : (JSON.stringify(value) ?? '')]]);
  }
  const entries = Object.entries(value).flatMap(([key, each]) => [
    ...flatSettings(each, path === '' ? key : `${path}.${key}`),
  ]);
  return new Map(entries);
}

/** For each of some neighbors the settings in which not all of them agree. */
export function differences(neighbors: readonly ReadonlyMap<string, string>[]): [key: string, value: string][][] {
  const keys = [...new Set(neighbors.flatMap((settings) => [...settings.keys()]))].filter((key) => {
    const [first, ...others] = neighbors.map((settings) => settings.get(key));
    return !uninteresting.test(key) && others.some((value) => value !== first);
  });
  return neighbors.map((settings) => keys.slice(0, most).map((key) => [key, (settings.get(key) ?? '–').slice(0, 80)]));
}
