import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { InputError } from '@dynact/files';
import { type BuildFailure, buildSync, transformSync } from 'esbuild';

/** A plugin as one CommonJS text. */
export interface Bundle {
  readonly code: string;
  /** Digest of the file; where it imports files of its own, of the list of all of them, each with its sha256. */
  readonly sha256: string;
  /** Digest of the code without comments, types and white space. */
  readonly codeSha256: string;
}

/**
 * Reads a plugin in TypeScript or JavaScript with the files that it imports. Types are dropped, not checked. Imports of the
 * house's and of TensorFlow.js's packages stay imports, so that there is one copy of each.
 * @throws InputError where it cannot be read or is not a module
 */
export function bundle(file: string): Bundle {
  if (!existsSync(file)) {
    throw new InputError('file', `plugin ${file}: there is no such file; name one in TypeScript or JavaScript`);
  }
  try {
    const { outputFiles, metafile } = buildSync({
      entryPoints: [file],
      absWorkingDir: dirname(file),
      bundle: true,
      write: false,
      metafile: true,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      external: ['@dynact/*', '@tensorflow/*'],
      // A user's tsconfig.json is about their project.
      tsconfigRaw: '{}',
      logLevel: 'silent',
    });
    const code = outputFiles[0]!.text;
    const bare = transformSync(code, { minifyWhitespace: true, legalComments: 'none' }).code;
    return { code, sha256: digestOf(file, Object.keys(metafile.inputs)), codeSha256: sha256(bare) };
  } catch (error) {
    throw new InputError('file', `plugin ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

function digestOf(file: string, inputs: readonly string[]): string {
  if (inputs.length === 1) return sha256(readFileSync(file));
  const lines = inputs.toSorted().map((input) => `${sha256(readFileSync(resolve(dirname(file), input)))}  ${input}\n`);
  return sha256(lines.join(''));
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function reasonOf(error: unknown): string {
  const [first] = (error as Partial<BuildFailure>).errors ?? [];
  if (first === undefined) return error instanceof Error ? error.message : String(error);
  const { text, location } = first;
  return location === null ? text : `line ${location.line} of ${basename(location.file)}: ${text}`;
}
