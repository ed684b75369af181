import type { Direction, GradientTransform, NamedTensors, StepScalars } from './gradient-transform.ts';

/** One transform after the other; names of slots and of numbers must differ. */
export function chain(...transforms: readonly GradientTransform[]): GradientTransform {
  return {
    init: (parameter) => merge(transforms.map((transform) => transform.init(parameter))),
    scalars: (step) => merge(transforms.map((transform) => transform.scalars(step))),
    update(gradient, state, context) {
      let direction: Direction = gradient;
      let next: NamedTensors = {};
      for (const transform of transforms) {
        const result = transform.update(direction, state, context);
        direction = result.direction;
        next = { ...next, ...result.state };
      }
      return { direction, state: next };
    },
  };
}

/** Another transform for each kind of parameter. Names of numbers get the kind in front. */
export function partition<Kind extends string>(
  kindOf: (parameter: Parameters<GradientTransform['init']>[0]) => Kind,
  transforms: Readonly<Record<Kind, GradientTransform>>,
): GradientTransform {
  const entries = Object.entries<GradientTransform>(transforms);
  const prefixed = (kind: string, scalars: StepScalars): StepScalars =>
    Object.fromEntries(Object.entries(scalars).map(([name, value]) => [`${kind}.${name}`, value]));
  return {
    init: (parameter) => transforms[kindOf(parameter)].init(parameter),
    scalars: (step) => merge(entries.map(([kind, transform]) => prefixed(kind, transform.scalars(step)))),
    update(direction, state, context) {
      const kind = kindOf(context.parameter);
      const begin = `${kind}.`;
      const own = Object.entries(context.scalars).filter(([name]) => name.startsWith(begin));
      const scalars = Object.fromEntries(own.map(([name, value]) => [name.slice(begin.length), value]));
      return transforms[kind].update(direction, state, { ...context, scalars });
    },
  };
}

function merge(parts: readonly StepScalars[]): StepScalars {
  const merged: Record<string, number> = {};
  for (const [name, value] of parts.flatMap(Object.entries<number>)) {
    if (Object.hasOwn(merged, name)) throw new Error(`two transforms of one optimizer have a number named ${name}`);
    merged[name] = value;
  }
  return merged;
}
