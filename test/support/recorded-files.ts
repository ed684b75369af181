import type * as Files from 'node:fs';

/** Files that were made durable or given their name, in this order: `sync PATH`, `rename PATH`. */
export const calls: string[] = [];

/** For `vi.mock('node:fs')`: the module as it is, that writes down syncs and renames. */
export function recorded(files: typeof Files): typeof Files {
  const paths = new Map<number, string>();
  return {
    ...files,
    openSync(path, ...options) {
      const descriptor = files.openSync(path, ...options);
      paths.set(descriptor, String(path));
      return descriptor;
    },
    fsyncSync(descriptor) {
      calls.push(`sync ${paths.get(descriptor)}`);
      files.fsyncSync(descriptor);
    },
    renameSync(from, to) {
      calls.push(`rename ${to}`);
      files.renameSync(from, to);
    },
  };
}
