import { useMemo } from 'preact/hooks';
import { Charts } from './charts.tsx';
import { Swatch } from './figure.tsx';
import { type Change, linkTo } from './hash.ts';
import { overlayCharts, type Source } from './models.ts';

/** Any runs, one over the other. */
export function OverlayView({ source, change }: { source: Source; change: Change }) {
  const { known, zoomed, state } = source;
  const models = useMemo(() => overlayCharts(source, state.ids), [known.data, known.runs, zoomed, state]);
  const members = useMemo(
    () => (
      <ul class="members">
        {state.ids.map((id, index) => {
          const row = known.runs.get(id);
          return (
            <li key={id}>
              <Swatch index={index} /> <a href={linkTo(state, 'run', [id])}>{row?.name ?? id}</a>{' '}
              <span class="note">{row?.differs.map(([key, value]) => `${key} ${value}`).join(', ')}</span>{' '}
              <button type="button" onClick={() => change({ ids: state.ids.filter((other) => other !== id) })}>
                leave out<span class="hidden"> {row?.name ?? id}</span>
              </button>
            </li>
          );
        })}
      </ul>
    ),
    [known.runs, state],
  );
  return (
    <>
      <h1>{state.ids.length} runs</h1>
      <Charts models={models} state={state} change={change} />
      <h2>Runs</h2>
      {members}
    </>
  );
}
