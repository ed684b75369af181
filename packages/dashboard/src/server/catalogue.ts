import type { ComparisonRow, Listing, ListingPatch, RunRow } from '../protocol.ts';
import { ComparisonFiles } from './comparison-files.ts';
import { differences, flatSettings } from './differences.ts';
import { findFolders } from './folders.ts';
import { RunFiles } from './run-files.ts';

/** The runs and comparisons below the folders that were named to the server. */
export class Catalogue {
  readonly #roots: readonly string[];
  #runs = new Map<string, RunFiles>();
  #comparisons = new Map<string, ComparisonFiles>();

  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  /** Looks at the folders again. */
  refresh(): void {
    const folders = findFolders(this.#roots);
    const runs = folders.map((folder) => this.#runs.get(folder.id) ?? new RunFiles(folder));
    for (const files of runs) files.refresh();
    this.#runs = new Map(runs.filter(({ isRun }) => isRun).map((files) => [files.folder.id, files]));
    const others = folders.filter(({ id }) => !this.#runs.has(id));
    const comparisons = others.map((folder) => this.#comparisons.get(folder.id) ?? new ComparisonFiles(folder));
    for (const files of comparisons) files.refresh(runs);
    const found = comparisons.filter(({ isComparison }) => isComparison);
    this.#comparisons = new Map(found.map((files) => [files.folder.id, files]));
  }

  /** Only what was found has an id that is known here, so no other file can be asked for. */
  run(id: string): RunFiles | undefined {
    return this.#runs.get(id);
  }

  comparison(id: string): ComparisonFiles | undefined {
    return this.#comparisons.get(id);
  }

  listing(): Listing {
    const differing = this.#differences();
    const rows = [...this.#runs.values()].map((files) => this.#row(files, differing.get(files.folder.id) ?? []));
    return { runs: rows, comparisons: [...this.#comparisons.values()].map(({ row }) => row) };
  }

  #row(files: RunFiles, differs: RunRow['differs']): RunRow {
    const { folder, state, steps, tail, summary, updated, problem } = files;
    const step = summary?.step ?? tail?.step ?? 0;
    const left = state === 'running' && steps !== null && tail?.msPerStep ? (steps - step) * tail.msPerStep : null;
    return {
      id: folder.id,
      name: folder.name,
      group: folder.name.includes('/') ? folder.name.slice(0, folder.name.lastIndexOf('/')) : '',
      state,
      step,
      steps,
      msLeft: left === null ? null : Math.round(left),
      updated,
      values: tail?.values ?? {},
      differs,
      flopsPerToken: files.flopsPerToken,
      problem,
    };
  }

  #differences(): Map<string, RunRow['differs']> {
    const groups = new Map<string, RunFiles[]>();
    for (const files of this.#runs.values()) {
      if (files.config === undefined) continue;
      const neighbors = groups.get(files.folder.parent) ?? [];
      groups.set(files.folder.parent, [...neighbors, files]);
    }
    const entries = [...groups.values()].flatMap((neighbors) => {
      const settings = neighbors.map(({ config }) => flatSettings(config?.config ?? {}));
      return differences(settings).map((row, index) => [neighbors[index]!.folder.id, row] as const);
    });
    return new Map(entries);
  }
}

/** Changes since the listing before; all of it where there was none, undefined where nothing has changed. */
export function listingPatch(before: Listing | undefined, after: Listing): ListingPatch | undefined {
  if (before === undefined) return { ...after, gone: [] };
  const changed = <Row extends RunRow | ComparisonRow>(old: readonly Row[], rows: readonly Row[]) => {
    const known = new Map(old.map((row) => [row.id, JSON.stringify(row)]));
    return rows.filter((row) => known.get(row.id) !== JSON.stringify(row));
  };
  const runs = changed(before.runs, after.runs);
  const comparisons = changed(before.comparisons, after.comparisons);
  const ids = new Set([...after.runs, ...after.comparisons].map(({ id }) => id));
  const gone = [...before.runs, ...before.comparisons].map(({ id }) => id).filter((id) => !ids.has(id));
  return runs.length + comparisons.length + gone.length === 0 ? undefined : { runs, comparisons, gone };
}
