import { Controls } from './controls.tsx';
import type { ChartModel } from './curves.ts';
import { Figure } from './figure.tsx';
import type { Change, PageState } from './hash.ts';

/** The charts of a view under one set of controls. */
export function Charts({ models, state, change }: { models: readonly ChartModel[]; state: PageState; change: Change }) {
  const known = models.filter(({ isKnown }) => isKnown);
  const unknown = models.length - known.length;
  return (
    <>
      <Controls state={state} change={change} />
      {unknown > 0 && state.axis === 'flops' ? (
        <p class="note">{unknown} charts are left out: the FLOPs of a token are known once a run has ended.</p>
      ) : null}
      <div class="charts">
        {known.map((model) => (
          <Figure key={model.key} model={model} state={state} change={change} />
        ))}
      </div>
    </>
  );
}
