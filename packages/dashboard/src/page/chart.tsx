import { logarithmicTicks } from '@dynact/runs/report';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { Curve } from './curves.ts';
import { drawCurves } from './draw.ts';
import { axisValue, figure, short } from './format.ts';
import type { Change, PageState } from './hash.ts';
import { horizontalRange, nearest, verticalRange } from './ranges.ts';
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
  readonly curves: readonly Curve[];
  readonly state: PageState;
  readonly isLogarithmic: boolean;
  readonly change: Change;
  readonly highlighted: number;
  /** Told where the cursor is, and which curve it is next to. */
  readonly onCursor: (position: number | null, curve: number) => void;
  /** Takes the canvas, for a picture of it. */
  readonly onCanvas: (canvas: HTMLCanvasElement) => void;
}

/** The plot of a chart: lines, axes, a cursor that all charts share, a part to zoom to. */
export function Chart(props: ChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const [scheme, setScheme] = useState(0);
  const { state, curves, isLogarithmic, highlighted, title } = props;
  const kind = `${state.axis} ${state.isStretched} ${isLogarithmic} ${scheme}`;

  const isInSight = useRef(true);
  const shown = useRef<readonly unknown[]>([]);
  const showLatest = () => {
    const [plot, { curves, state }] = [chart.current, latest.current];
    const news = [plot, curves, state.zoom];
    if (plot === undefined || news.every((part, index) => part === shown.current[index])) return;
    shown.current = news;
    plot.setData(rangeData(latest.current));
  };

  useEffect(() => onSchemeChange(() => setScheme((count) => count + 1)), []);

  useLayoutEffect(() => {
    const box = element.current!;
    const plot = makeChart(box, latest);
    chart.current = plot;
    latest.current.onCanvas(plot.ctx.canvas);
    const observer = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height }));
    observer.observe(box);
    // A page has many charts, of which a screen shows a few: the others wait until they are scrolled to.
    const sight = new IntersectionObserver((entries) => {
      isInSight.current = entries.at(-1)!.isIntersecting;
      if (isInSight.current) showLatest();
    });
    sight.observe(box);
    return () => {
      observer.disconnect();
      sight.disconnect();
      plot.destroy();
    };
  }, [kind]);

  // Before the next frame, so that all charts of a message are painted together.
  useLayoutEffect(() => {
    if (isInSight.current) showLatest();
  }, [curves, state.zoom, kind]);

  useEffect(() => chart.current?.redraw(false), [highlighted]);

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
    const [low, high] = rangeOf(props);
    const middle = first?.x[at ?? -1] ?? (low + high) / 2;
    const next = [middle - factor * (middle - low), middle + factor * (high - middle)] as const;
    const [least, most] = horizontalRange(curves, state.isStretched);
    props.change({ zoom: next[0] <= least && next[1] >= most ? null : next });
  };
  const count = first?.x.length ?? 0;
  const index = Math.min(at ?? 0, Math.max(0, count - 1));
  return (
    <div
      ref={element}
      class="plot"
      role="slider"
      tabIndex={0}
      aria-label={`Cursor of ${title}: arrow keys move it, plus and minus zoom, Escape shows all`}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, count - 1)}
      aria-valuenow={index}
      aria-valuetext={count === 0 ? 'no points yet' : spoken(curves, state, first!.x[index]!)}
      onKeyDown={onKeyDown}
    />
  );
}

/** All values at a position, in words. */
function spoken(curves: readonly Curve[], { axis }: PageState, position: number): string {
  const values = curves.slice(0, 12).map(({ label, x, y }) => `${label} ${figure(y[nearest(x, position)])}`);
  return `${axis} ${axisValue(axis, position)}: ${values.join(', ')}`;
}

function rangeOf({ state, curves }: ChartProps): readonly [number, number] {
  const all = horizontalRange(curves, state.isStretched);
  if (state.zoom === null) return all;
  const [low, high] = state.zoom;
  return state.isStretched && low <= 0 ? [Math.min(all[0], high / 2), high] : state.zoom;
}

/** Two points that span the axes: the curves themselves are drawn by hand. */
function rangeData(props: ChartProps): uPlot.AlignedData {
  const range = rangeOf(props);
  return [[...range], [...verticalRange(props.curves, range, props.isLogarithmic)]];
}

function makeChart(box: HTMLDivElement, latest: { readonly current: ChartProps }): uPlot {
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
      x: { time: false, distr: state.isStretched ? 3 : 1, range: () => [...rangeOf(latest.current)] },
      y: {
        distr: isLogarithmic ? 3 : 1,
        range: () => [...verticalRange(latest.current.curves, rangeOf(latest.current), isLogarithmic)],
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
  return new uPlot(options, rangeData(latest.current), box);
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
