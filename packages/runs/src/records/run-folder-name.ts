const runFolder = /^(.+)-seed-(\d+)$/;

/** The folder of a comparison's run: `swiglu-seed-0`. */
export function runFolderName(variant: string, seed: number): string {
  return `${variant}-seed-${seed}`;
}

/** The variant and the seed in the name of a comparison's run, or undefined. */
export function parseRunFolderName(name: string): { readonly variant: string; readonly seed: number } | undefined {
  const [, variant, seed] = runFolder.exec(name) ?? [];
  return variant === undefined ? undefined : { variant, seed: Number(seed) };
}
