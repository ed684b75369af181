import { z } from 'zod';
import { axes } from '../protocol.ts';
import type { Wish, ZoomWish } from './messages.ts';

/** Runs of one page. */
const mostRuns = 200;
const ids = z
  .string()
  .max(100_000)
  .transform((text) => (text === '' ? [] : text.split('|')))
  .pipe(z.array(z.string()).max(mostRuns));
const points = z.coerce.number().int().min(50).max(4000);

const wishSchema = z.object({
  runs: ids.default([]),
  comparison: z.string().nullable().default(null),
  points: points.default(1000),
  detail: z.literal('1').optional(),
});

const zoomSchema = z.object({
  runs: ids,
  axis: z.enum(axes),
  low: z.coerce.number(),
  high: z.coerce.number(),
  points,
});

/** Wish of a page in the address of its stream; undefined where it asks for nonsense. */
export function wishOf(parameters: URLSearchParams, lastEventId: string): Wish | undefined {
  const { data } = wishSchema.safeParse(Object.fromEntries(parameters));
  return data === undefined ? undefined : { ...data, detail: data.detail === '1', seen: lastEventId.split(',') };
}

export function zoomWishOf(parameters: URLSearchParams): ZoomWish | undefined {
  return zoomSchema.safeParse(Object.fromEntries(parameters)).data;
}
