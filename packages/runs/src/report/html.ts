import type { Table } from './tables.ts';

/** A table in a box of its own, which scrolls where the page is narrower; a swatch before each name where colors are given. */
export function htmlTable({ heads, rows }: Table, colors?: ReadonlyMap<string, string>): string {
  const head = heads.map((text, column) => `<th scope="col"${numberClass(column)}>${escapeHtml(text)}</th>`);
  const body = rows.map(({ variant, cells }) => {
    const texts = cells.map(({ text, isBest }, column) => {
      if (column === 0) return `<th scope="row">${swatch(colors?.get(variant))}${escapeHtml(text)}</th>`;
      const figure = escapeHtml(text.replace(/(?<!\w)-(?=\d)/g, '−'));
      return `<td class="number">${isBest ? `<strong>${figure}</strong>` : figure}</td>`;
    });
    return `<tr>${texts.join('')}</tr>`;
  });
  return tableOf(head, body);
}

/** A table of heads and rows that are HTML already. */
export function tableOf(heads: readonly string[], rows: readonly string[]): string {
  return `<div class="scroll"><table>\n<thead><tr>${heads.join('')}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table></div>`;
}

/** Text as HTML shows it. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}

function numberClass(column: number): string {
  return column === 0 ? '' : ' class="number"';
}

function swatch(color: string | undefined): string {
  return color === undefined ? '' : `<span class="swatch" style="background:${color}"></span>`;
}
