import type { SeriesPatch } from '../protocol.ts';
import { kept } from './kept.ts';

/** One series of one run, as far as the page knows it. */
export interface Points {
  readonly step: readonly number[];
  readonly tokens: readonly number[];
  readonly ms: readonly number[];
  readonly last: readonly number[];
  /** The extremes of what each point stands for; `last` itself where every point is one value. */
  readonly min: readonly number[];
  readonly max: readonly number[];
}

/** Points with those of a patch in place of all from its first step on. */
export function patched(points: Points | undefined, patch: SeriesPatch): Points {
  const fresh: Points = { ...patch, min: patch.min ?? patch.last, max: patch.max ?? patch.last };
  const kept = points === undefined ? 0 : countBelow(points.step, patch.from);
  if (points === undefined || kept === 0) return fresh;
  return join(points, kept, fresh, 0);
}

/** The finer points of a part, and from where they end those that came since. */
export const refined = kept((coarse: Points, fine: Points | undefined): Points => {
  const end = fine?.step.at(-1);
  if (fine === undefined || end === undefined) return coarse;
  return join(fine, fine.step.length, coarse, countBelow(coarse.step, end + 1));
});

function join(head: Points, end: number, rest: Points, begin: number): Points {
  const column = (name: keyof Points) => head[name].slice(0, end).concat(rest[name].slice(begin));
  const last = column('last');
  const isSpread = head.min !== head.last || rest.min !== rest.last;
  return {
    step: column('step'),
    tokens: column('tokens'),
    ms: column('ms'),
    last,
    min: isSpread ? column('min') : last,
    max: isSpread ? column('max') : last,
  };
}

/** How many of ascending values lie below a limit. */
function countBelow(values: readonly number[], limit: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
