/** Colors that stay apart for color-blind readers (Okabe and Ito), on light and on dark ground. */
const colors = {
  light: ['#0072B2', '#C24A00', '#00805B', '#B0558B', '#8F6400', '#2A7FB0', '#7A4B9A', '#7A5C1E', '#4D4D4D', '#A50F15'],
  dark: ['#56B4E9', '#F08A3C', '#2FC49A', '#E39AC5', '#E6B422', '#9AD4F5', '#BD93DE', '#CDAF6B', '#BDBDBD', '#F2787D'],
};
/** How lines are broken: whole, then each way that the eye tells apart. */
const dashes: readonly (readonly number[])[] = [[], [7, 3], [2, 2], [9, 3, 2, 3], [12, 4], [5, 2, 1, 2]];

const scheme = matchMedia('(prefers-color-scheme: dark)');

function isDark(): boolean {
  return scheme.matches;
}

/** Calls back when the ground changes between light and dark. @returns how to stop it */
export function onSchemeChange(callback: () => void): () => void {
  scheme.addEventListener('change', callback);
  return () => scheme.removeEventListener('change', callback);
}

/** Color and dashes of the n-th line: both change from one line to the next. */
export function tone(index: number): { readonly color: string; readonly dash: readonly number[] } {
  const list = isDark() ? colors.dark : colors.light;
  const round = Math.floor(index / list.length);
  return { color: list[index % list.length]!, dash: dashes[(index + round) % dashes.length]! };
}

/** Ground, text and grid of charts. */
export function ground(): { readonly paper: string; readonly ink: string; readonly grid: string } {
  return isDark()
    ? { paper: '#16181c', ink: '#c9ccd1', grid: '#2b2f36' }
    : { paper: '#ffffff', ink: '#444a52', grid: '#e6e8eb' };
}
