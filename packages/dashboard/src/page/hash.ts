import { useEffect, useState } from 'preact/hooks';
import { type Axis, axes } from '../protocol.ts';

export type View = 'overview' | 'run' | 'comparison' | 'overlay';
const views: readonly View[] = ['overview', 'run', 'comparison', 'overlay'];
export const verticals = ['auto', 'linear', 'logarithmic'] as const;
export type Vertical = (typeof verticals)[number];

/** Everything that the page shows, as the address keeps it: a link shows the same to somebody else. */
export interface PageState {
  readonly view: View;
  /** Ids of the view's run or comparison, or of the runs of an overlay. */
  readonly ids: readonly string[];
  readonly axis: Axis;
  /** Whether the horizontal axes are logarithmic; what lies at 0 is left out then. */
  readonly isStretched: boolean;
  /** Scale of the vertical axes; auto is logarithmic where the measure is an exponential one, as perplexity is. */
  readonly vertical: Vertical;
  /** Share of a smoothed value that is of the step before. */
  readonly smoothing: number;
  readonly zoom: readonly [low: number, high: number] | null;
  readonly filter: string;
  /** A column of the overview; a minus in front for the largest first. */
  readonly sort: string;
  readonly group: 'none' | 'folder' | 'state';
}

export const initial: PageState = {
  view: 'overview',
  ids: [],
  axis: 'step',
  isStretched: false,
  vertical: 'auto',
  smoothing: 0,
  zoom: null,
  filter: '',
  sort: '-updated',
  group: 'none',
};

export function parseHash(hash: string): PageState {
  const [name = '', query = ''] = hash.replace(/^#/, '').split('?');
  const parameters = new URLSearchParams(query);
  const zoom = (parameters.get('zoom') ?? '').split('~').map(Number);
  const smoothing = Number(parameters.get('smoothing'));
  const group = parameters.get('group');
  return {
    view: views.find((view) => view === name) ?? 'overview',
    ids: (parameters.get('ids') ?? '').split('|').filter((id) => id !== ''),
    axis: axes.find((axis) => axis === parameters.get('x')) ?? 'step',
    isStretched: parameters.get('xscale') === 'logarithmic',
    vertical: verticals.find((vertical) => vertical === parameters.get('y')) ?? 'auto',
    smoothing: smoothing > 0 && smoothing <= 0.999 ? smoothing : 0,
    zoom: zoom.length === 2 && zoom[0]! < zoom[1]! ? [zoom[0]!, zoom[1]!] : null,
    filter: parameters.get('filter') ?? '',
    sort: parameters.get('sort') ?? initial.sort,
    group: group === 'folder' || group === 'state' ? group : 'none',
  };
}

export function toHash(state: PageState): string {
  const parameters = new URLSearchParams();
  const put = (key: string, value: string, usual: string) => {
    if (value !== usual) parameters.set(key, value);
  };
  put('ids', state.ids.join('|'), '');
  put('x', state.axis, 'step');
  put('xscale', state.isStretched ? 'logarithmic' : 'linear', 'linear');
  put('y', state.vertical, 'auto');
  put('smoothing', `${state.smoothing}`, '0');
  put('zoom', state.zoom?.join('~') ?? '', '');
  put('filter', state.filter, '');
  put('sort', state.sort, initial.sort);
  put('group', state.group, 'none');
  const query = parameters.toString();
  return `#${state.view === 'overview' ? '' : state.view}${query === '' ? '' : `?${query}`}`;
}

/** Where a link to another view leads; it keeps how curves are shown, not the part that was zoomed to. */
export function linkTo(state: PageState, view: View, ids: readonly string[]): string {
  return toHash({ ...state, view, ids, zoom: null });
}

export type Change = (change: Partial<PageState>) => void;

/** The state in the address, and how to change it. Changes of the same view leave no trail in the history. */
export function usePageState(): [PageState, Change] {
  const [state, setState] = useState(() => parseHash(location.hash));
  useEffect(() => {
    const onChange = () => setState(parseHash(location.hash));
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  const change = (part: Partial<PageState>) => {
    const next = { ...parseHash(location.hash), ...part };
    history.replaceState(null, '', `${location.pathname}${location.search}${toHash(next)}`);
    setState(next);
  };
  return [state, change];
}
