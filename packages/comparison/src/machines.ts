import type { FinishedRun } from './assemble.ts';
import type { RunPlace } from './plan.ts';

/**
 * The seeds whose variants ran on different models of CPU or GPU, a sentence each: rounding may differ there, and with it
 * what is compared. Runs of version 0.1's first days name no machine.
 */
export function differingMachines(finished: readonly FinishedRun<RunPlace>[]): string[] {
  const seeds = [...new Set(finished.map(({ planned }) => planned.seed))];
  return seeds.flatMap((seed) => {
    const variants = new Map<string, string[]>();
    for (const { planned, reader } of finished) {
      const { machine } = reader.config;
      if (planned.seed !== seed || machine === undefined) continue;
      const model = machine.gpu ?? machine.cpu;
      variants.set(model, [...(variants.get(model) ?? []), planned.variant]);
    }
    if (variants.size < 2) return [];
    const places = [...variants].map(([model, names]) => `${names.join(', ')} on ${model}`);
    return `The runs of seed ${seed} were trained on different machines, which may round differently: ${places.join('; ')}.`;
  });
}
