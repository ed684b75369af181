import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Whether namespaces can be made here. */
export const canUnshare = spawnSync('unshare', ['-rnm', 'true']).status === 0;

/** Traces of a program in a network namespace of its own: names asked for, connections, files left behind. */
export interface Heard {
  readonly status: number;
  readonly names: string[];
  readonly connections: number;
  readonly datagrams: number;
  /** In HOME and TMPDIR, which were empty. */
  readonly files: string[];
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `node` with some arguments as silence.mjs says, without what silences ONNX Runtime in CI and in tests. */
export function listen(program: readonly string[], extra: Record<string, string> = {}): Heard {
  const { ORT_DISABLE_TELEMETRY: _, CI: __, ...environment } = process.env;
  const silence = fileURLToPath(new URL('./silence.mjs', import.meta.url));
  const { stdout, stderr } = spawnSync('unshare', ['-rnm', process.execPath, silence, process.execPath, ...program], {
    encoding: 'utf8',
    // tsx would keep its cache in TMPDIR.
    env: { ...environment, TSX_DISABLE_CACHE: '1', ...extra },
  });
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as Heard;
}
