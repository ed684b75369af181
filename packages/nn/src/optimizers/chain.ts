import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransform, StepScalars } from './gradient-transform.ts';

/** One transform after the other; names of slots and scalars must differ. */
export function chain(...transforms: readonly GradientTransform[]): GradientTransform {
  return {
    slots: (parameter) => transforms.flatMap((transform) => transform.slots(parameter)),
    scalars: (step) => mergeScalars(transforms.map((transform) => transform.scalars(step))),
    apply(gradient, slots, scalars, parameter) {
      const nextSlots: tf.Tensor[] = [];
      let update = gradient;
      let factor: tf.Scalar | undefined;
      let firstSlot = 0;
      for (const transform of transforms) {
        // Only the last factor can be left to the caller: what follows one here must see its product.
        if (factor !== undefined) update = tf.mul(update, factor);
        const endSlot = firstSlot + transform.slots(parameter).length;
        const next = transform.apply(update, slots.slice(firstSlot, endSlot), scalars, parameter);
        nextSlots.push(...next.slots);
        ({ update, factor } = next);
        firstSlot = endSlot;
      }
      return factor === undefined ? { update, slots: nextSlots } : { update, factor, slots: nextSlots };
    },
  };
}

/** Another transform for each kind of parameter. Names of scalars get the kind in front. */
export function partition<Kind extends string>(
  kindOf: (parameter: Parameters<GradientTransform['slots']>[0]) => Kind,
  transforms: Readonly<Record<Kind, GradientTransform>>,
): GradientTransform {
  const entries = Object.entries(transforms) as [Kind, GradientTransform][];
  const prefixed = (kind: Kind, scalars: StepScalars): StepScalars =>
    Object.fromEntries(Object.entries(scalars).map(([name, value]) => [`${kind}.${name}`, value]));
  return {
    slots: (parameter) => transforms[kindOf(parameter)].slots(parameter),
    scalars: (step) => mergeScalars(entries.map(([kind, transform]) => prefixed(kind, transform.scalars(step)))),
    apply(gradient, slots, scalars, parameter) {
      const kind = kindOf(parameter);
      const start = `${kind}.`;
      const own = Object.entries(scalars).filter(([name]) => name.startsWith(start));
      const ownScalars = Object.fromEntries(own.map(([name, value]) => [name.slice(start.length), value]));
      return transforms[kind].apply(gradient, slots, ownScalars, parameter);
    },
  };
}

function mergeScalars(parts: readonly StepScalars[]): StepScalars {
  const merged: Record<string, number> = {};
  for (const [name, value] of parts.flatMap(Object.entries<number>)) {
    if (Object.hasOwn(merged, name)) throw new Error(`two transforms of one optimizer have a number named ${name}`);
    merged[name] = value;
  }
  return merged;
}
