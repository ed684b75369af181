import { join } from 'node:path';
import { configFile } from '@dynact/runs';
import {
  type Comparison,
  type ComparisonVariant,
  comparisonDescriptionSchema,
  comparisonSchema,
  currentDescription,
  metricSchema,
  pairedResults,
  perplexity,
  runFolderName,
} from '@dynact/runs/records';
import { z } from 'zod';
import type { ComparisonRow, LiveComparison } from '../protocol.ts';
import type { FoundFolder } from './folders.ts';
import { CheckedFile, type RunFiles } from './run-files.ts';
import type { RunLog } from './run-log.ts';

/** config.json of a comparison folder: what it will train. */
const planSchema = z.preprocess(
  currentDescription,
  comparisonDescriptionSchema.extend({
    metric: metricSchema.default(perplexity),
    variants: z.record(
      z.string(),
      z.object({ dataset: z.object({ name: z.string() }), training: z.object({ steps: z.int().positive() }) }),
    ),
  }),
);

/** A run that belongs to a comparison. */
export interface MemberRun {
  readonly variant: string;
  readonly seed: number;
  readonly files: RunFiles;
}

/** The files of one comparison folder. */
export class ComparisonFiles {
  readonly folder: FoundFolder;
  readonly #plan: CheckedFile<typeof planSchema>;
  readonly #result: CheckedFile<typeof comparisonSchema>;
  #members: MemberRun[] = [];

  constructor(folder: FoundFolder) {
    this.folder = folder;
    this.#plan = new CheckedFile(join(folder.path, configFile), planSchema);
    this.#result = new CheckedFile(join(folder.path, 'comparison.json'), comparisonSchema);
  }

  /** @param runs all that were found: those in this folder are taken by their names */
  refresh(runs: readonly RunFiles[]): void {
    this.#plan.refresh();
    this.#result.refresh();
    const inside = new Map(runs.map((files) => [files.folder.id, files]));
    this.#members = this.variants.flatMap((variant) =>
      this.seeds.flatMap((seed) => {
        const files = inside.get(`${this.folder.id}/${runFolderName(variant, seed)}`);
        return files === undefined ? [] : [{ variant, seed, files }];
      }),
    );
  }

  get isComparison(): boolean {
    return this.#plan.value !== undefined || this.folder.files.has('comparison.json');
  }

  get members(): readonly MemberRun[] {
    return this.#members;
  }

  get row(): ComparisonRow {
    const plan = this.#plan.value;
    const result = this.#result.value;
    const [first] = Object.values(plan?.variants ?? {});
    const lacksBoth = plan === undefined && result === undefined;
    return {
      id: this.folder.id,
      name: this.folder.name,
      dataset: first?.dataset.name ?? result?.dataset ?? '',
      baseline: this.baseline,
      variants: this.variants,
      seeds: this.seeds,
      runs: this.#members.map(({ variant, seed, files }) => ({ id: files.folder.id, variant, seed })),
      ended: this.#ended,
      updated: Math.max(0, ...this.#members.map(({ files }) => files.updated)),
      problem: lacksBoth ? `comparison.json ${this.#result.problem}` : null,
    };
  }

  /** The comparison as far as the logs go; the result as it was written, where the logs are not there. */
  live(logOf: (member: MemberRun) => RunLog | undefined): LiveComparison | undefined {
    const plan = this.#plan.value;
    const result = this.#result.value;
    const { id } = this.folder;
    if (this.#members.length === 0 || plan === undefined) {
      return result === undefined ? undefined : { id, comparison: result, isOver: true };
    }
    const isCurrent = result?.seeds.length === this.seeds.length && result.variants.length === this.variants.length;
    if (this.#isOver && isCurrent) return { id, comparison: result, isOver: true };
    const metric = result?.metric ?? plan.metric;
    const variants = this.variants.map((name) => this.#variant(name, plan.evaluationSteps, logOf));
    const reached = plan.evaluationSteps.filter((step) =>
      variants.some(({ runs }) => runs.some(({ evaluations }) => evaluations.some((point) => point.step === step))),
    );
    const paired = pairedResults(metric, variants, this.baseline, reached).filter(({ n }) => n > 0);
    const compared = reached.filter((step) => paired.some((each) => each.step === step));
    const [first, ...others] = compared.length > 0 ? compared : [0];
    const [setting] = Object.values(plan.variants);
    const comparison: Comparison = {
      dataset: setting!.dataset.name,
      metric,
      steps: setting!.training.steps,
      evaluationSteps: [first!, ...others],
      seeds: this.seeds,
      ...(result?.unigramPerplexity === undefined ? {} : { unigramPerplexity: result.unigramPerplexity }),
      variants: variants as Comparison['variants'],
      paired,
    };
    return { id, comparison, isOver: this.#isOver };
  }

  get #ended(): number {
    return this.#members.filter(({ files }) => files.summary !== undefined).length;
  }

  get #isOver(): boolean {
    return this.#ended === this.variants.length * this.seeds.length;
  }

  #variant(
    name: string,
    steps: readonly number[],
    logOf: (member: MemberRun) => RunLog | undefined,
  ): ComparisonVariant {
    const members = this.#members.filter(({ variant }) => variant === name);
    const summaries = members.flatMap(({ files }) => files.summary ?? []);
    return {
      name,
      parameters: summaries[0]?.parameters ?? 0,
      flopsPerToken: summaries[0]?.flopsPerToken ?? 0,
      runs: members.map((member) => ({
        seed: member.seed,
        status: member.files.summary?.status ?? 'finished',
        evaluations: logOf(member)?.evaluations(new Set([0, ...steps])) ?? [],
      })),
    };
  }

  get baseline(): string {
    return this.#plan.value?.baseline ?? this.#result.value?.paired[0]?.baseline ?? this.variants[0] ?? '';
  }

  private get variants(): string[] {
    const result = this.#result.value?.variants.map(({ name }) => name) ?? [];
    // In the order of the result, which has the baseline where it was named.
    const planned = Object.keys(this.#plan.value?.variants ?? {});
    return [...new Set([...result, ...planned])];
  }

  private get seeds(): number[] {
    return this.#plan.value?.seeds ?? this.#result.value?.seeds ?? [];
  }
}
