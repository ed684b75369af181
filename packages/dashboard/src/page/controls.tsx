import { type Axis, axes } from '../protocol.ts';
import { axisNames } from './format.ts';
import { type Change, type PageState, type Vertical, verticals } from './hash.ts';

/** Smoothing by the place of its slider: the last tenths of a percent get as much room as the first half. */
function smoothingAt(place: number): number {
  return place <= 0 ? 0 : Math.min(0.999, Number((1 - 10 ** (-3 * place)).toFixed(4)));
}

function placeOf(smoothing: number): number {
  return smoothing <= 0 ? 0 : -Math.log10(1 - smoothing) / 3;
}

/** How the curves of a view are shown. */
export function Controls({ state, change }: { readonly state: PageState; readonly change: Change }) {
  return (
    <form class="controls" onSubmit={(event) => event.preventDefault()}>
      <label>
        horizontal{' '}
        <select
          value={state.axis}
          onChange={(event) => change({ axis: event.currentTarget.value as Axis, zoom: null })}
        >
          {axes.map((axis) => (
            <option key={axis} value={axis}>
              {axisNames[axis]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <input
          type="checkbox"
          checked={state.isStretched}
          onChange={(event) => change({ isStretched: event.currentTarget.checked })}
        />{' '}
        logarithmic
      </label>
      <label>
        vertical{' '}
        <select
          value={state.vertical}
          onChange={(event) => change({ vertical: event.currentTarget.value as Vertical })}
        >
          {verticals.map((vertical) => (
            <option key={vertical} value={vertical}>
              {vertical}
            </option>
          ))}
        </select>
      </label>
      <label>
        smoothing{' '}
        <input
          type="range"
          min="0"
          max="1"
          step="0.01"
          value={placeOf(state.smoothing)}
          aria-valuetext={`${state.smoothing}`}
          onInput={(event) => change({ smoothing: smoothingAt(event.currentTarget.valueAsNumber) })}
        />{' '}
        <output>{state.smoothing.toFixed(3)}</output>
      </label>
      {state.zoom === null ? (
        <span class="note">drag over a chart to zoom; double click shows all</span>
      ) : (
        <button type="button" onClick={() => change({ zoom: null })}>
          show all
        </button>
      )}
    </form>
  );
}
