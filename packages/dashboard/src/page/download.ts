import type { Curve } from './curves.ts';
import { axisNames } from './format.ts';
import type { PageState } from './hash.ts';
import { ground, tone } from './tones.ts';

/** Hands a file to the browser. */
export function download(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  [link.href, link.download] = [address, name];
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A chart's points, a row each. */
export function valuesAsCsv(curves: readonly Curve[], { axis }: PageState): Blob {
  const head = ['line', 'step', axisNames[axis], 'value', 'low', 'high'];
  const rows = curves.flatMap(({ label, steps, x, y, low, high }) =>
    steps.map((step, index) => [label, step, x[index], y[index], low?.[index] ?? '', high?.[index] ?? '']),
  );
  const text = [head, ...rows].map((row) => row.map(csvCell).join(',')).join('\n');
  return new Blob([text, '\n'], { type: 'text/csv' });
}

/** A cell that spreadsheets take for text: one that begins with a sign of theirs would be computed. */
function csvCell(value: unknown): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : `${value}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A chart as a picture, with its title and what its lines are. */
export function picture(
  canvas: HTMLCanvasElement,
  title: string,
  curves: readonly Curve[],
  take: (picture: Blob) => void,
): void {
  const ratio = devicePixelRatio || 1;
  const { paper, ink } = ground();
  const named = curves.filter(({ weight }) => weight !== 'thin').slice(0, 20);
  const [top, line] = [36 * ratio, 20 * ratio];
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [canvas.width, canvas.height + top + line * (named.length + 0.5)];
  const context = copy.getContext('2d')!;
  context.fillStyle = paper;
  context.fillRect(0, 0, copy.width, copy.height);
  context.fillStyle = ink;
  context.font = `600 ${15 * ratio}px system-ui, sans-serif`;
  context.fillText(title, 12 * ratio, 24 * ratio);
  context.drawImage(canvas, 0, top);
  context.font = `${12 * ratio}px system-ui, sans-serif`;
  for (const [index, curve] of named.entries()) {
    const { color, dash } = tone(curve.tone);
    const y = top + canvas.height + line * (index + 0.5);
    context.strokeStyle = color;
    context.lineWidth = 3 * ratio;
    context.setLineDash(dash.map((length) => length * ratio));
    context.beginPath();
    context.moveTo(12 * ratio, y);
    context.lineTo(44 * ratio, y);
    context.stroke();
    context.fillText(curve.label, 52 * ratio, y + 4 * ratio);
  }
  copy.toBlob((blob) => {
    if (blob !== null) take(blob);
  });
}
