import { useEffect, useId, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Series {
  readonly label: string;
  readonly color: string;
  readonly dashes?: number[];
  readonly width?: number;
  /** Values by step. */
  readonly points: ReadonlyMap<number, number>;
}

const height = 240;
/** Rows of the table behind a chart: the ends, and some between them. */
const shownRows = 12;

/** Lines over steps, with the same numbers as a table for those who do not see them. */
export function Plot({
  title,
  series,
  height: tall = height,
}: {
  title: string;
  series: readonly Series[];
  height?: number;
}) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | undefined>(undefined);
  const heading = useId();
  const kinds = series.map(({ label }) => label).join('|');
  const steps = [...new Set(series.flatMap(({ points }) => [...points.keys()]))].sort((a, b) => a - b);

  useEffect(() => {
    const options: uPlot.Options = {
      width: place.current!.clientWidth,
      height: tall,
      scales: { x: { time: false } },
      axes: [{ size: 30 }, { size: 46 }],
      legend: { live: false },
      series: [
        { label: 'step' },
        ...series.map(({ label, color, dashes, width = 2 }) => ({
          label,
          stroke: color,
          width,
          spanGaps: true,
          points: { show: false },
          ...(dashes === undefined ? {} : { dash: dashes }),
        })),
      ],
    };
    const plot = new uPlot(options, [[], ...series.map(() => [])], place.current!);
    drawn.current = plot;
    const observer = new ResizeObserver(() => plot.setSize({ width: place.current?.clientWidth ?? 300, height: tall }));
    observer.observe(place.current!);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [kinds]);
  useEffect(() => {
    drawn.current?.setData([steps, ...series.map(({ points }) => steps.map((step) => points.get(step) ?? null))]);
  });

  const every = Math.max(1, Math.ceil(steps.length / shownRows));
  const rows = steps.filter((_, index) => index % every === 0 || index === steps.length - 1);
  return (
    <figure aria-labelledby={heading}>
      <figcaption id={heading}>{title}</figcaption>
      <div ref={place} aria-hidden="true" />
      <details>
        <summary>as numbers</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by the keyboard */}
        <section class="table" tabIndex={0} aria-label={`${title}, as numbers`}>
          <table>
            <thead>
              <tr>
                <th scope="col">step</th>
                {series.map(({ label }) => (
                  <th key={label} scope="col">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((step) => (
                <tr key={step}>
                  <th scope="row">{step}</th>
                  {series.map(({ label, points }) => (
                    <td key={label}>{points.get(step)?.toFixed(4) ?? ''}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </figure>
  );
}
