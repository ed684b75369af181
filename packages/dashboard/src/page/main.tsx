import { render } from 'preact';
import { ComparisonView } from './comparison-view.tsx';
import { type Change, linkTo, usePageState } from './hash.ts';
import type { Source } from './models.ts';
import { OverlayView } from './overlay-view.tsx';
import { Overview } from './overview.tsx';
import { RunView } from './run-view.tsx';
import { runsOf, useStream, useZoomed } from './stream.ts';

function Page() {
  const [state, change] = usePageState();
  const known = useStream(state);
  const zoomed = useZoomed(runsOf(state, known), state);
  return (
    <>
      <header>
        <a class="brand" href={linkTo(state, 'overview', [])}>
          dynact
        </a>
        <span role="status" class="note">
          {!known.isConnected
            ? 'the server is gone; trying again'
            : known.reading > 0
              ? `reading ${known.reading} logs`
              : ''}
        </span>
      </header>
      <main>
        <View known={known} zoomed={zoomed} state={state} change={change} />
      </main>
    </>
  );
}

function View({ known, zoomed, state, change }: Source & { readonly change: Change }) {
  const source = { known, zoomed, state };
  const [id = ''] = state.ids;
  if (state.view === 'overview') return <Overview known={known} state={state} change={change} />;
  if (state.view === 'overlay') return <OverlayView source={source} change={change} />;
  const run = state.view === 'run' ? known.runs.get(id) : undefined;
  if (run !== undefined) return <RunView row={run} source={source} change={change} />;
  const comparison = state.view === 'comparison' ? known.comparisons.get(id) : undefined;
  if (comparison !== undefined) return <ComparisonView row={comparison} source={source} change={change} />;
  return <p>{known.isListed ? 'This run is not here, or not any more.' : 'Reading the runs …'}</p>;
}

const element = document.getElementById('page')!;
// What stands there until the script is loaded.
element.replaceChildren();
render(<Page />, element);
