/** A picture of curves as SVG text: for the documentation's files and for pages alike. */

export interface Line {
  readonly label: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly style: 'value' | 'derivative';
}

export interface ChartOptions {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** Shown range of y; lines are cut off outside it. */
  readonly range: readonly [number, number];
}

const MARGIN = { left: 34, right: 12, top: 30, bottom: 40 };
const STYLES = {
  value: { color: '#1b6ac9', dashes: '' },
  derivative: { color: '#c2410c', dashes: ' stroke-dasharray="5 4"' },
};

/** Where a point of the curves lies in the picture. */
interface Scale {
  x(value: number): number;
  y(value: number): number;
}

function scaleOf(lines: readonly Line[], { width, height, range }: ChartOptions): Scale {
  const x = lines[0]!.x;
  const [first, last] = [x[0]!, x[x.length - 1]!];
  const [low, high] = range;
  return {
    x: (value) => MARGIN.left + ((value - first) / (last - first)) * (width - MARGIN.left - MARGIN.right),
    y: (value) => height - MARGIN.bottom - ((value - low) / (high - low)) * (height - MARGIN.top - MARGIN.bottom),
  };
}

/** One chart as an SVG group, with its origin at the group's top left. */
export function chart(lines: readonly Line[], options: ChartOptions): string {
  const { title, width, height, range } = options;
  const scale = scaleOf(lines, options);
  const x = lines[0]!.x;
  const [left, right] = [MARGIN.left, width - MARGIN.right];
  const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
  const grid = [
    ...ticks(x[0]!, x[x.length - 1]!).map((value) => {
      const at = pixel(scale.x(value));
      return (
        `<path d="M${at} ${top}V${bottom}" stroke="${value === 0 ? '#8a8f98' : '#e3e5e8'}"/>` +
        `<text x="${at}" y="${bottom + 14}" text-anchor="middle">${value}</text>`
      );
    }),
    ...ticks(...range).map((value) => {
      const at = pixel(scale.y(value));
      return (
        `<path d="M${left} ${at}H${right}" stroke="${value === 0 ? '#8a8f98' : '#e3e5e8'}"/>` +
        `<text x="${left - 6}" y="${pixel(scale.y(value) + 3.5)}" text-anchor="end">${value}</text>`
      );
    }),
  ];
  const curves = lines.map(({ y, x, style, label }) => {
    const { color, dashes } = STYLES[style];
    const line = path(x, y, scale, range);
    return `<path class="${style}" d="${line}" fill="none" stroke="${color}" stroke-width="2"${dashes}><title>${escapeXml(label)}</title></path>`;
  });
  const legend = lines.map(({ label, style }, index) => {
    const { color, dashes } = STYLES[style];
    const at = left + index * 120;
    return (
      `<path d="M${at} ${height - 10}h22" stroke="${color}" stroke-width="2"${dashes}/>` +
      `<text x="${at + 28}" y="${height - 6}">${escapeXml(label)}</text>`
    );
  });
  const heading = `<text x="${left}" y="18" font-size="13" font-weight="600" fill="#1f2328">${escapeXml(title)}</text>`;
  return [heading, ...grid, ...curves, ...legend].join('\n');
}

/** A whole SVG document of charts side by side. */
export function picture(charts: readonly string[], width: number, height: number, description: string): string {
  const groups = charts.map((chart, index) => `<g transform="translate(${index * width} 0)">\n${chart}\n</g>`);
  const total = charts.length * width;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${total}" height="${height}" viewBox="0 0 ${total} ${height}" ` +
      `role="img" font-family="system-ui, sans-serif" font-size="11" fill="#57606a">`,
    `<title>${escapeXml(description)}</title>`,
    `<rect width="${total}" height="${height}" fill="#ffffff"/>`,
    ...groups,
    '</svg>',
    '',
  ].join('\n');
}

/** A range of y that shows the lines between -4 and 6, with 0 in it. */
export function shownRange(lines: readonly Line[]): [number, number] {
  const values = lines.flatMap(({ y }) => Array.from(y)).filter(Number.isFinite);
  const low = Math.max(-4, Math.min(-0.5, ...values));
  const high = Math.min(6, Math.max(1.5, ...values));
  return [Math.floor(low * 2) / 2, Math.ceil(high * 2) / 2];
}

/** Segments of the line inside the range; a new one starts wherever it comes back from outside. */
function path(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  scale: Scale,
  [low, high]: readonly [number, number],
): string {
  let line = '';
  let inside = false;
  for (let index = 0; index < x.length; index++) {
    const value = y[index]!;
    const shown = value >= low && value <= high;
    if (shown) line += `${inside ? 'L' : 'M'}${pixel(scale.x(x[index]!))} ${pixel(scale.y(value))}`;
    inside = shown;
  }
  return line;
}

function ticks(low: number, high: number): number[] {
  const step = high - low > 6 ? 2 : 1;
  const values: number[] = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) values.push(value === 0 ? 0 : value);
  return values;
}

/** A tenth of a pixel is finer than the eye and coarser than the rounding of any machine. */
function pixel(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
