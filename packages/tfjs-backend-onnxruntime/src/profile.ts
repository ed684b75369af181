import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { InputError } from './errors.ts';
import { providerName } from './runtime/library.ts';

/** Time spent in one kind of operator. */
export interface ProfileRow {
  operator: string;
  /** Execution provider that ran it, for example cpu. */
  provider: string;
  calls: number;
  milliseconds: number;
  /** Part of the time of all operators, 0 to 1. */
  share: number;
}

let prefixes = 0;

/** Prefix of the names of one backend's traces. Other backends, threads and processes may share the folder. */
export function newProfilePrefix(): string {
  return `onnxruntime-${process.pid}-${threadId}-${++prefixes}-graph-`;
}

/** Makes the folder for profiles. Throws an InputError where that is not possible. */
export function makeProfileFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(
      `onnxruntime backend: profileFolder ${folder} cannot be made (${reason}); name another folder`,
    );
  }
}

interface TraceEvent {
  cat: string;
  /** Microseconds. */
  dur: number;
  args?: { op_name?: string; provider?: string };
}

/** Adds up the operators of the traces with a prefix, the longest first. */
export function readProfiles(folder: string, prefix: string): ProfileRow[] {
  const rows = new Map<string, { operator: string; provider: string; calls: number; microseconds: number }>();
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix)) continue;
    const events = JSON.parse(readFileSync(join(folder, name), 'utf8')) as TraceEvent[];
    for (const { cat, dur, args } of events) {
      if (cat !== 'Node' || !args?.op_name) continue;
      const [operator, provider] = [args.op_name, providerName(args.provider ?? '')];
      const key = `${operator} ${provider}`;
      const row = rows.get(key) ?? { operator, provider, calls: 0, microseconds: 0 };
      row.calls++;
      row.microseconds += dur;
      rows.set(key, row);
    }
  }
  const total = [...rows.values()].reduce((sum, { microseconds }) => sum + microseconds, 0);
  return [...rows.values()]
    .map(({ microseconds, ...row }) => ({
      ...row,
      milliseconds: microseconds / 1000,
      share: microseconds / total,
    }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}
