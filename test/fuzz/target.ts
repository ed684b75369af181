import { pathToFileURL } from 'node:url';

/** Kind of an input; each kind gets the same time. */
export type FuzzKind =
  | 'safetensors'
  | 'Parquet'
  | 'JSON lines and text'
  | 'gzip'
  | 'Zstandard'
  | 'configurations'
  | 'run and comparison folders'
  | 'definitions and token files'
  | 'pictures and tables';

/** Something that reads files. */
export interface FuzzTarget {
  readonly kind: FuzzKind;
  readonly name: string;
  /** Inputs without a fault, from which the others are made. */
  readonly samples: readonly Uint8Array[];
  /** Reads an input as a user would. @param folder empty, and the only place to write into */
  read(input: Uint8Array, folder: string): void | Promise<void>;
}

/** The targets of a module. */
export async function targetsIn(file: string): Promise<readonly FuzzTarget[]> {
  const { targets }: { targets: readonly FuzzTarget[] } = await import(pathToFileURL(file).href);
  return targets;
}
