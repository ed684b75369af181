import { activeWorkingSet, type WorkingSet } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Attend, Rotate } from './blocks/attention.ts';
import type { ResolvedModelConfig } from './config/resolve.ts';
import { attend, causalMask } from './operations/attention.ts';
import { attendInBlocks, blockMask, keptMasks } from './operations/block-attention.ts';
import { type RotaryTables, rotaryTables } from './operations/rotary.ts';

interface Rotations {
  readonly query: RotaryTables;
  readonly key: RotaryTables;
}

/** Positions of `time` whose scores attention computes together. */
export function blockLength(time: number, { fewestInBlocks, positions }: WorkingSet): number {
  return time < fewestInBlocks ? time : positions;
}

/** Numbers of the masks of `rows` positions that look at `seen`, whatever the number of sequences. */
export function maskNumbers(groups: number, rows: number, seen: number, workingSet: WorkingSet): number {
  const length = blockLength(rows, workingSet);
  return length < rows ? length * seen + keptMasks(groups, seen) : groups * rows * seen;
}

/** Constants of attention by sequence length. They live as long as the model: a compiled step must find them again. */
export class AttentionTables {
  readonly #config: ResolvedModelConfig;
  readonly #masks = new Map<string, tf.Tensor2D>();
  readonly #rotations = new Map<number, Rotations>();

  constructor(config: ResolvedModelConfig) {
    this.#config = config;
  }

  /** Attention of whole sequences of `time` tokens, in which none looks ahead. */
  causal(time: number): Attend {
    const length = blockLength(time, activeWorkingSet());
    const { heads, kvHeads } = this.#config;
    if (length < time) {
      const mask = this.#mask(`${time} by ${length}`, () => blockMask(length, time));
      return (query, key, value) => attendInBlocks(query, key, value, mask);
    }
    const mask = this.#mask(`${time}`, () => causalMask((heads / kvHeads) * time, time));
    return (query, key, value) => attend(query, key, value, mask);
  }

  /** Scales queries, and rotates both where the model does. @param turn rotates by tables of `time` positions */
  rotate(time: number, turn: (x: tf.Tensor2D, tables: RotaryTables) => tf.Tensor2D): Rotate {
    const { position, headWidth } = this.#config;
    if (position !== 'rope') return { query: (x) => tf.mul(x, 1 / Math.sqrt(headWidth)), key: (x) => x };
    const { query, key } = this.#rotationsOf(time);
    return { query: (x) => turn(x, query), key: (x) => turn(x, key) };
  }

  dispose(): void {
    tf.dispose([...this.#masks.values()]);
    for (const { query, key } of this.#rotations.values()) tf.dispose({ ...query, key: { ...key } });
    this.#masks.clear();
    this.#rotations.clear();
  }

  #mask(name: string, make: () => tf.Tensor2D): tf.Tensor2D {
    const known = this.#masks.get(name);
    if (known !== undefined) return known;
    const mask = tf.keep(make());
    this.#masks.set(name, mask);
    return mask;
  }

  #rotationsOf(time: number): Rotations {
    const made = this.#rotations.get(time);
    if (made !== undefined) return made;
    const { heads, kvHeads, headWidth, ropeBase } = this.#config;
    const tables = (count: number, scale: number): RotaryTables => {
      const { cosine, sine, quarterTurn } = rotaryTables({
        context: time,
        heads: count,
        headWidth,
        base: ropeBase,
        scale,
      });
      return { cosine: tf.keep(cosine), sine: tf.keep(sine), quarterTurn: tf.keep(quarterTurn) };
    };
    const rotations = { query: tables(heads, 1 / Math.sqrt(headWidth)), key: tables(kvHeads, 1) };
    this.#rotations.set(time, rotations);
    return rotations;
  }
}
