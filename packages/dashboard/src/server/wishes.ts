import { axes } from '../protocol.ts';
import type { Wish, ZoomWish } from './messages.ts';

/** Most that an address may ask for. */
const most = { runs: 200, length: 100_000 };
/** Points of a series that a page may ask for. */
const fewest = 50;
const mostPoints = 4000;

/** Wish of a page in the address of its stream; undefined where it asks for nonsense. */
export function wishOf(parameters: URLSearchParams, lastEventId: string): Wish | undefined {
  const runs = runsOf(parameters.get('runs') ?? '');
  const points = pointsOf(parameters.get('points') ?? '1000');
  const detail = parameters.get('detail');
  if (runs === undefined || points === undefined || (detail !== null && detail !== '1')) return undefined;
  const seen = lastEventId.split(',');
  return { runs, comparison: parameters.get('comparison'), points, detail: detail === '1', seen };
}

export function zoomWishOf(parameters: URLSearchParams): ZoomWish | undefined {
  const runs = runsOf(parameters.get('runs'));
  const points = pointsOf(parameters.get('points'));
  const axis = axes.find((name) => name === parameters.get('axis'));
  const [low, high] = [numberOf(parameters.get('low')), numberOf(parameters.get('high'))];
  if (runs === undefined || points === undefined || axis === undefined || low === undefined || high === undefined) {
    return undefined;
  }
  return { runs, axis, low, high, points };
}

function runsOf(text: string | null): string[] | undefined {
  if (text === null || text.length > most.length) return undefined;
  const ids = text === '' ? [] : text.split('|');
  return ids.length > most.runs ? undefined : ids;
}

function numberOf(text: string | null): number | undefined {
  const value = Number(text);
  return text === null || !Number.isFinite(value) ? undefined : value;
}

function pointsOf(text: string | null): number | undefined {
  const value = numberOf(text);
  const isGood = value !== undefined && Number.isInteger(value) && value >= fewest && value <= mostPoints;
  return isGood ? value : undefined;
}
