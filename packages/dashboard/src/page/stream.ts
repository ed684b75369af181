import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { RunPatch, StreamMessage } from '../protocol.ts';
import { type Known, learned, learnedRun, nothing, type RunData } from './feed.ts';
import type { PageState } from './hash.ts';

/** Points of a series that one of some lines needs: many lines share the time that drawing may take. */
function pointsFor(runs: number): number {
  return runs <= 4 ? 1500 : runs <= 20 ? 800 : 400;
}

/** An address of the server, with the token where there is one. */
function addressOf(path: string, parameters: Record<string, string>): string {
  const token = new URLSearchParams(location.search).get('token');
  return `${path}?${new URLSearchParams({ ...parameters, ...(token === null ? {} : { token }) })}`;
}

/** The runs whose curves a view shows; those of a comparison are known once it is listed. */
export function runsOf({ view, ids }: PageState, known: Known): readonly string[] {
  if (view === 'comparison') return known.comparisons.get(ids[0] ?? '')?.runs.map(({ id }) => id) ?? [];
  return view === 'overview' ? [] : ids;
}

/** Messages of the server about the view's runs, as they come; asked anew where the view or its runs change. */
export function useStream(state: PageState): Known {
  const [known, setKnown] = useState(nothing);
  const runs = runsOf(state, known);
  const wanted = runs.join('|');
  const comparison = state.view === 'comparison' ? state.ids[0] : undefined;
  const detail = state.view === 'run';
  // At once, not after the frame that says that the page waits.
  useLayoutEffect(() => {
    const address = addressOf('/events', {
      runs: wanted,
      points: `${pointsFor(runs.length)}`,
      ...(comparison === undefined ? {} : { comparison }),
      ...(detail ? { detail: '1' } : {}),
    });
    const source = new EventSource(address);
    const ids = new Set(wanted.split('|'));
    setKnown((before) => ({
      ...before,
      data: new Map([...before.data].filter(([id]) => ids.has(id))),
      live: before.live?.id === comparison ? before.live : undefined,
    }));
    source.onmessage = ({ data }) => {
      const message = JSON.parse(data) as StreamMessage;
      setKnown((before) => learned({ ...before, isConnected: true }, message));
    };
    source.onerror = () => setKnown((before) => ({ ...before, isConnected: false }));
    return () => source.close();
  }, [wanted, comparison, detail]);
  return known;
}

/** The runs' curves between the ends of a zoom, in more detail, once they have come. */
export function useZoomed(runs: readonly string[], { axis, zoom }: PageState): ReadonlyMap<string, RunData> {
  const [zoomed, setZoomed] = useState<ReadonlyMap<string, RunData>>(new Map());
  const wanted = runs.join('|');
  const [low, high] = zoom ?? [];
  useEffect(() => {
    setZoomed(new Map());
    if (low === undefined || high === undefined || wanted === '') return;
    const controller = new AbortController();
    const scale = axis === 'time' ? 1000 : 1;
    const address = addressOf('/zoom', {
      runs: wanted,
      axis,
      low: `${low * scale}`,
      high: `${high * scale}`,
      points: `${pointsFor(runs.length)}`,
    });
    fetch(address, { signal: controller.signal })
      .then((response) => response.json() as Promise<RunPatch[]>)
      .then((patches) => setZoomed(new Map(patches.map((patch) => [patch.run, learnedRun(undefined, patch)]))))
      .catch(() => {
        // The coarser curves stay.
      });
    return () => controller.abort();
  }, [wanted, axis, low, high]);
  return zoomed;
}
