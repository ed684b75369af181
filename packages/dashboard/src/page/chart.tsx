import { logarithmicTicks } from '@dynact/runs/report';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { Curve } from './curves.ts';
import { drawCurves } from './draw.ts';
import { axisValue, figure, short } from './format.ts';
import type { Change, PageState } from './hash.ts';
import { horizontalRange, nearest, type Range, verticalRange } from './ranges.ts';
import { ground, onSchemeChange } from './tones.ts';

const height = 260;
/** Seconds between labels of a time axis. */
const timeSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800,
];

/** Labels of a logarithmic axis. */
const decades: Pick<uPlot.Axis, 'splits' | 'filter'> = {
  splits: (_, __, low, high) => logarithmicTicks(low, high),
  filter: (_, splits) => splits,
};

interface ChartProps {
  readonly title: string;
  /** Its place on the page. */
  readonly box: RefObject<HTMLDivElement | null>;
  readonly curves: readonly Curve[];
  /** Whether it was ever in sight; before that there is a place for it. */
  readonly isShown: boolean;
  readonly state: PageState;
  /** Whether its vertical axis is logarithmic where the state does not say. */
  readonly isExponential: boolean;
  readonly change: Change;
  readonly highlighted: number;
  /** Told that the keyboard has come to it, perhaps before it is in sight. */
  readonly onFocus: () => void;
  /** Told where the cursor is, and which curve it is next to. */
  readonly onCursor: (position: number | null, curve: number) => void;
  /** Takes the canvas, for a picture of it. */
  readonly onCanvas: (canvas: HTMLCanvasElement) => void;
}

/** Properties of a chart, and how far its axes go. */
interface Drawing extends ChartProps {
  readonly isLogarithmic: boolean;
  readonly horizontal: Range;
  readonly vertical: Range;
}

function useDrawing(props: ChartProps): Drawing {
  const { curves, isExponential, state } = props;
  const { zoom, isStretched, vertical } = state;
  const ranges = useMemo(() => {
    const isWanted = vertical === 'logarithmic' || (vertical === 'auto' && isExponential);
    const isLogarithmic = isWanted && curves.every(({ y }) => y.every((value) => value > 0));
    const horizontal = rangeOf(curves, zoom, isStretched);
    return { isLogarithmic, horizontal, vertical: verticalRange(curves, horizontal, isLogarithmic) };
  }, [curves, zoom, isStretched, vertical, isExponential]);
  return { ...props, ...ranges };
}

/** The plot of a chart: lines, axes, a cursor that all charts share, a part to zoom to. */
export function Chart(props: ChartProps) {
  const chart = useRef<uPlot>(undefined);
  const drawing = useDrawing(props);
  const latest = useRef(drawing);
  latest.current = drawing;
  const [scheme, setScheme] = useState(0);
  const { state, curves, isShown, isLogarithmic, horizontal, vertical, highlighted, title } = drawing;
  const kind = `${state.axis} ${state.isStretched} ${isLogarithmic} ${scheme}`;

  useEffect(() => onSchemeChange(() => setScheme((count) => count + 1)), []);

  useLayoutEffect(() => {
    if (!isShown) return;
    const box = props.box.current!;
    const plot = makeChart(box, latest);
    chart.current = plot;
    latest.current.onCanvas(plot.ctx.canvas);
    const observer = new ResizeObserver(() => {
      if (box.clientWidth !== plot.width) plot.setSize({ width: box.clientWidth, height });
    });
    observer.observe(box);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [kind, isShown]);

  // Before the next frame, so that all charts of a message are painted together.
  useLayoutEffect(() => chart.current?.setData(spanned(latest.current)), [curves, horizontal, vertical, kind]);

  useLayoutEffect(() => chart.current?.redraw(false), [highlighted]);

  const [first] = [...curves].sort((a, b) => b.x.length - a.x.length);
  const [at, setAt] = useState<number>();
  const moveTo = (index: number) => {
    if (first === undefined || chart.current === undefined) return;
    const bounded = Math.max(0, Math.min(first.x.length - 1, index));
    setAt(bounded);
    const left = chart.current.valToPos(first.x[bounded]!, 'x');
    chart.current.setCursor({ left, top: chart.current.valToPos(first.y[bounded]!, 'y') });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      PageDown: -20,
      PageUp: 20,
      Home: -1e9,
      End: 1e9,
    };
    const step = steps[event.key];
    if (step !== undefined) moveTo((at ?? (step < 0 ? 0 : -1)) + step);
    else if (event.key === '+' || event.key === '-') zoomAbout(event.key === '+' ? 0.5 : 2);
    else if (event.key === 'Escape') props.change({ zoom: null });
    else return;
    event.preventDefault();
  };
  const zoomAbout = (factor: number) => {
    const [low, high] = horizontal;
    const middle = first?.x[at ?? -1] ?? (low + high) / 2;
    const next = [middle - factor * (middle - low), middle + factor * (high - middle)] as const;
    const [least, most] = horizontalRange(curves, state.isStretched);
    props.change({ zoom: next[0] <= least && next[1] >= most ? null : next });
  };
  const count = first?.x.length ?? 0;
  const index = Math.min(at ?? 0, Math.max(0, count - 1));
  return (
    <div
      ref={props.box}
      class="plot"
      role="slider"
      tabIndex={0}
      aria-label={`Cursor of ${title}: arrow keys move it, plus and minus zoom, Escape shows all`}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, count - 1)}
      aria-valuenow={index}
      aria-valuetext={count === 0 ? 'no points yet' : spoken(curves, state, first!.x[index]!)}
      onFocus={props.onFocus}
      onKeyDown={onKeyDown}
    />
  );
}

/** All values at a position, in words. */
function spoken(curves: readonly Curve[], { axis }: PageState, position: number): string {
  const values = curves.slice(0, 12).map(({ label, x, y }) => `${label} ${figure(y[nearest(x, position)])}`);
  return `${axis} ${axisValue(axis, position)}: ${values.join(', ')}`;
}

function rangeOf(curves: readonly Curve[], zoom: PageState['zoom'], isStretched: boolean): Range {
  const all = horizontalRange(curves, isStretched);
  if (zoom === null) return all;
  const [low, high] = zoom;
  return isStretched && low <= 0 ? [Math.min(all[0], high / 2), high] : zoom;
}

/** Two points that span the axes: the curves themselves are drawn by hand. */
function spanned({ horizontal, vertical }: Drawing): uPlot.AlignedData {
  return [[...horizontal], [...vertical]];
}

function makeChart(box: HTMLDivElement, latest: { readonly current: Drawing }): uPlot {
  const { ink, grid } = ground();
  const { state, isLogarithmic } = latest.current;
  const axis = {
    stroke: ink,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1 },
    font: '12px system-ui, sans-serif',
  };
  const options: uPlot.Options = {
    width: box.clientWidth || 400,
    height,
    padding: [10, 26, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: 'all', scales: ['x', null] },
      drag: { x: true, y: false, setScale: false },
      points: { show: false },
      bind: {
        dblclick: () => () => {
          latest.current.change({ zoom: null });
          return null;
        },
      },
    },
    scales: {
      x: { time: false, distr: state.isStretched ? 3 : 1, range: () => [...latest.current.horizontal] },
      y: {
        distr: isLogarithmic ? 3 : 1,
        range: () => [...latest.current.vertical],
      },
    },
    axes: [
      {
        ...axis,
        space: 70,
        size: 30,
        ...(state.axis === 'time' ? { incrs: timeSteps } : {}),
        values: (_, splits) => splits.map((value) => axisValue(state.axis, value)),
        ...(state.isStretched ? decades : {}),
      },
      {
        ...axis,
        size: 64,
        values: (_, splits) => splits.map(short),
        ...(isLogarithmic ? decades : {}),
      },
    ],
    series: [{}, { paths: () => null, points: { show: false } }],
    hooks: {
      draw: [(plot) => drawCurves(plot, latest.current.curves, latest.current.highlighted)],
      setCursor: [(plot) => tellCursor(plot, latest.current)],
      setSelect: [(plot) => zoomToSelection(plot, latest.current)],
    },
  };
  return new uPlot(options, spanned(latest.current), box);
}

function tellCursor(plot: uPlot, { curves, onCursor }: ChartProps): void {
  const { left = -1, top = -1 } = plot.cursor;
  if (left < 0) {
    onCursor(null, -1);
    return;
  }
  const position = plot.posToVal(left, 'x');
  const distances = curves.map(({ x, y }) => {
    const value = y[nearest(x, position)];
    return value === undefined ? Number.POSITIVE_INFINITY : Math.abs(plot.valToPos(value, 'y') - top);
  });
  const closest = Math.min(...distances);
  onCursor(position, top >= 0 && closest < 24 ? distances.indexOf(closest) : -1);
}

function zoomToSelection(plot: uPlot, { change }: ChartProps): void {
  const { left, width } = plot.select;
  if (width < 4) return;
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  change({ zoom: [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')] });
}
