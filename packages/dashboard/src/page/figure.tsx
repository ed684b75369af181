import { useMemo, useRef, useState } from 'preact/hooks';
import { Chart } from './chart.tsx';
import type { ChartModel, Curve } from './curves.ts';
import { download, picture, valuesAsCsv } from './download.ts';
import { axisNames, axisValue, figure } from './format.ts';
import type { Change, PageState } from './hash.ts';
import { useInSight } from './in-sight.ts';
import { isSame } from './kept.ts';
import { nearest } from './ranges.ts';
import { tone } from './tones.ts';

/** Rows of a chart's table; its CSV has all. */
const mostRows = 300;
/** Lines that the legend lists; of more it names the one that the cursor is next to. */
const mostListed = 14;

interface FigureProps {
  readonly model: ChartModel;
  readonly state: PageState;
  readonly change: Change;
}

/** Model of a chart, and the state and the curves that it was drawn with. */
interface Shown {
  readonly model: ChartModel;
  readonly state: PageState;
  readonly curves: readonly Curve[];
}

/** The chart as it last was where nobody sees it; the same lines as before where no message touched one. */
function useShown(model: ChartModel, state: PageState, isSeen: boolean): Shown | undefined {
  const shown = useRef<Shown>(undefined);
  if (isSeen && shown.current?.model !== model) {
    const [before = [], curves] = [shown.current?.curves, model.curves()];
    shown.current = { model, state, curves: isSame(before, curves) ? before : curves };
  }
  return shown.current;
}

/** A chart with its title, legend, table and files. */
export function Figure({ model, state, change }: FigureProps) {
  const { title } = model;
  const [cursor, setCursor] = useState<{ position: number | null; curve: number }>({ position: null, curve: -1 });
  const [isOpen, setOpen] = useState(false);
  const [box, isInSight, show] = useInSight();
  const shown = useShown(model, state, isInSight || isOpen);
  const curves = shown?.curves ?? [];
  const canvas = useRef<HTMLCanvasElement>(undefined);
  const name = title.replaceAll(/\W+/g, '-').toLowerCase();
  const save = () => {
    show();
    // Drawn before the next frame, if it was not yet.
    requestAnimationFrame(() => picture(canvas.current!, title, model.curves(), (png) => download(png, `${name}.png`)));
  };
  return (
    <figure class="figure" aria-label={title}>
      <figcaption>
        <h2>{title}</h2>
        {model.note === undefined ? null : <span class="note">{model.note}</span>}
        <span class="actions">
          <button type="button" aria-label={`${title} as PNG`} onClick={save}>
            PNG
          </button>
          <button
            type="button"
            aria-label={`${title} as CSV`}
            onClick={() => download(valuesAsCsv(model.curves(), state), `${name}.csv`)}
          >
            CSV
          </button>
        </span>
      </figcaption>
      <Chart
        title={title}
        box={box}
        curves={curves}
        isShown={shown !== undefined}
        state={shown?.state ?? state}
        isExponential={model.isExponential}
        change={change}
        onFocus={show}
        highlighted={curves.length > 1 ? cursor.curve : -1}
        onCursor={(position, curve) => {
          if (position !== cursor.position || curve !== cursor.curve) setCursor({ position, curve });
        }}
        onCanvas={(element) => {
          canvas.current = element;
        }}
      />
      <Legend curves={curves} state={state} position={cursor.position} nearestCurve={cursor.curve} />
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>Table of {title}</summary>
        {isOpen ? <Values curves={curves} state={state} title={title} /> : null}
      </details>
    </figure>
  );
}

interface LegendProps {
  readonly curves: readonly Curve[];
  readonly state: PageState;
  readonly position: number | null;
  readonly nearestCurve: number;
}

function Legend({ curves, state, position, nearestCurve }: LegendProps) {
  const named = curves.map((curve, index) => ({ curve, index }));
  const important = named.filter(({ curve }) => curve.weight !== 'thin');
  const fits = important.length <= mostListed;
  const listed = fits ? important : named.filter(({ index }) => index === nearestCurve);
  const near = named[nearestCurve];
  const shown = near === undefined || listed.includes(near) ? listed : [...listed, near];
  return (
    <ul class="legend">
      {position === null ? null : (
        <li class="at">
          {axisNames[state.axis]} {axisValue(state.axis, position)}
        </li>
      )}
      {shown.map(({ curve, index }) => {
        const at = position === null ? curve.y.length - 1 : nearest(curve.x, position);
        return (
          <li key={index} class={index === nearestCurve ? 'near' : ''}>
            <Swatch index={curve.tone} />
            {curve.label} <b>{figure(curve.y[at])}</b>
            {curve.around === 'band' || curve.around === 'bars' ? (
              <span class="interval">
                {figure(curve.low?.[at])} to {figure(curve.high?.[at])}
              </span>
            ) : null}
          </li>
        );
      })}
      {fits ? null : <li class="note">{important.length} lines; point at one for its name</li>}
    </ul>
  );
}

/** Color and dashes of a line. */
export function Swatch({ index }: { readonly index: number }) {
  const { color, dash } = tone(index);
  return (
    <svg class="swatch" width="26" height="8" aria-hidden="true">
      <line x1="0" y1="4" x2="26" y2="4" stroke={color} stroke-width="3" stroke-dasharray={dash.join(' ')} />
    </svg>
  );
}

function Values({ curves, state, title }: { curves: readonly Curve[]; state: PageState; title: string }) {
  const { shown, total } = useMemo(() => {
    const all = [...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b);
    const every = Math.ceil(all.length / mostRows);
    return { shown: all.filter((_, index) => index % every === 0 || index === all.length - 1), total: all.length };
  }, [curves]);
  const places = useMemo(() => curves.map(({ x }) => new Map(x.map((value, index) => [value, index]))), [curves]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is scrolled from the keyboard, too
    <section class="scroll" tabIndex={0} aria-label={`Values of ${title}`}>
      <table>
        <caption>
          {shown.length < total ? `${shown.length} of ${total} rows; the CSV has all` : `${total} rows`}
        </caption>
        <thead>
          <tr>
            <th scope="col">{axisNames[state.axis]}</th>
            {curves.map(({ label }, index) => (
              <th key={index} scope="col" class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((x) => (
            <tr key={x}>
              <th scope="row">{axisValue(state.axis, x)}</th>
              {curves.map(({ y }, index) => (
                <td key={index} class="number">
                  {figure(y[places[index]!.get(x) ?? -1])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
