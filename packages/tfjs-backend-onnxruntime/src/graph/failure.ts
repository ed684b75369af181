import type { Origin } from './value.ts';

/** Names of nodes in ONNX Runtime's messages: Name:'t12', node with name 't12', Node (t12). */
const nodeNames = /(?:Name:|with name )'([^']+)'|Node \(([^)]+)\)/;
/** The folder of this package's code, as stack traces write it. */
const ownFolder = folderOf(new Error().stack);

/** Says which kernel call a failing graph came from, and in debug mode which line of the user's code made it. */
export function explain(error: unknown, origins: ReadonlyMap<string, Origin>): Error {
  const message = error instanceof Error ? error.message : String(error);
  const match = nodeNames.exec(message);
  const origin = match && origins.get(match[1] ?? match[2]!);
  if (!origin) return error instanceof Error ? error : new Error(message);
  const shapes = origin.shapes.map((shape) => `[${shape}]`).join(', ');
  const line = origin.stack ? ` at ${callerOf(origin.stack)}` : '';
  // A negative index is shown as the first that is too large: see operators/indices.ts.
  const negative = /out of data bounds|invalid indice/.test(message) ? ' (or a negative index)' : '';
  // ONNX Runtime's WebGPU says no more of a tensor that it would have to cut.
  const large = /raw_hash_map/.test(message)
    ? ' (a tensor is larger than the device binds at a time, often 128 MiB)'
    : '';
  const hint = negative || large;
  return new Error(`${origin.kernel}(${shapes})${line}: ${message}${hint}`, { cause: error });
}

/** The first line of a stack that is neither tfjs, nor this package, nor Node. */
function callerOf(stack: string): string {
  const frames = stack.split('\n').slice(1);
  const caller = frames.find(
    (frame) => !frame.includes(ownFolder) && !/node_modules.@tensorflow|tfjs-core|node:internal|\(node:/.test(frame),
  );
  return (caller ?? frames[0] ?? '').trim().replace(/^at /, '');
}

function folderOf(stack: string | undefined): string {
  const frame = stack?.split('\n')[1] ?? '';
  const path = /(?:file:\/\/)?(\/?[^\s(]+):\d+:\d+\)?$/.exec(frame)?.[1] ?? '';
  // This file lies in <folder>/graph/, or is bundled into a file of <folder>.
  return path.replace(/\\/g, '/').replace(/(\/graph)?\/[^/]*$/, '/');
}
