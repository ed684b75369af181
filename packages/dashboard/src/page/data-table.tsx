import type { Table } from '@dynact/runs/report';
import { Swatch } from './figure.tsx';

/** A table of the report: a swatch of its variant before each name. */
export function DataTable({
  table,
  title,
  tones,
}: {
  table: Table;
  title: string;
  tones: ReadonlyMap<string, number>;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is scrolled from the keyboard, too
    <section class="scroll" tabIndex={0} aria-label={title}>
      <table>
        <thead>
          <tr>
            {table.heads.map((head, column) =>
              column === 0 ? (
                <td key={column}>{head}</td>
              ) : (
                <th key={column} scope="col" class="number">
                  {head}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {table.rows.map(({ variant, cells }, row) => (
            <tr key={row}>
              {cells.map(({ text, isBest }, column) =>
                column === 0 ? (
                  <th key={column} scope="row">
                    <Swatch index={tones.get(variant) ?? 0} /> {text}
                  </th>
                ) : (
                  <td key={column} class={isBest ? 'number best' : 'number'}>
                    {text}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
