import type { Comparison, ComparisonVariant, PairedResult } from '../records/schemas.ts';
import { meanAndDeviation } from '../records/statistics.ts';
import { divergedRuns, formatP, lastPaired, percent, verdictSentence } from '../records/verdict-sentence.ts';
import { type ActivationRun, renderActivationChart } from './activation-chart.ts';
import { formatPerplexity, renderPerplexityChart } from './chart.ts';
import { variantColours } from './chart-encodings.ts';
import { escapeHtml, table } from './html.ts';
import { type SampledRun, sampleSection } from './samples.ts';

/** What the report shows beside comparison.json: it depends on the machine, so it is not part of the result. */
export interface ReportExtras {
  /** Mean training speed by variant, in tokens a second. */
  readonly throughput?: ReadonlyMap<string, number>;
  /** What every run logged of its activation parameters. */
  readonly activations?: readonly ActivationRun[];
  /** The text that every run wrote while it learned. */
  readonly samples?: readonly SampledRun[];
}

/** The report of a comparison: one HTML page that needs no other file. */
export async function renderReport(comparison: Comparison, extras: ReportExtras = {}): Promise<string> {
  const colours = variantColours(comparison);
  const chart = await renderPerplexityChart(comparison);
  const verdicts = lastPaired(comparison).map((result) => `<p>${escapeHtml(verdictSentence(comparison, result))}</p>`);
  const facts = [
    `${comparison.steps.toLocaleString('en')} steps`,
    `${comparison.seeds.length === 1 ? 'seed' : 'seeds'} ${comparison.seeds.join(', ')}`,
    `unigram perplexity ${formatPerplexity(comparison.unigramPerplexity)}`,
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(comparison.variants.map(({ name }) => name).join(', '))} on ${escapeHtml(comparison.dataset)}</title>
<style>${style}</style>
</head>
<body>
<h1>Feed-forward variants on ${escapeHtml(comparison.dataset)}</h1>
<p class="facts">${facts.map(escapeHtml).join(' · ')}</p>
<section class="verdict">${verdicts.length === 0 ? '<p>One variant: nothing to compare.</p>' : verdicts.join('\n')}</section>
<figure>${chart}</figure>
<h2>Validation perplexity at the checkpoints</h2>
<p>Mean ± standard deviation over the seeds; bits per byte below. Lower is better; the lowest mean of a column is bold.
A mean that lacks diverged runs says so and is never bold.</p>
${perplexityTable(comparison, colours)}
<h2>Paired differences</h2>
<p>Each variant against the baseline, seed by seed: difference of the mean losses in nats per token (variant − baseline)
with its 95 % Student-t interval, the exact two-sided sign-flip p-value, and how much lower the perplexity is.</p>
${pairedTable(comparison)}
<h2>Variants</h2>
${variantTable(comparison, colours, extras)}
${await activationSection(comparison, extras.activations ?? [])}
${sampleSection(extras.samples ?? [])}
<p class="note">Unigram perplexity: the validation split under the token frequencies of the training split. A win is
claimed only when the interval excludes 0 and p ≤ 0.05, from at least 6 seeds.</p>
</body>
</html>
`;
}

async function activationSection(comparison: Comparison, runs: readonly ActivationRun[]): Promise<string> {
  const charts = comparison.variants.map(({ name }) =>
    renderActivationChart(
      name,
      runs.filter(({ variant }) => variant === name),
    ),
  );
  const drawn = (await Promise.all(charts)).filter((chart) => chart !== undefined);
  if (drawn.length === 0) return '';
  return `<h2>Activation parameters over training</h2>\n${drawn.map((chart) => `<figure>${chart}</figure>`).join('\n')}`;
}

function perplexityTable(comparison: Comparison, colours: ReadonlyMap<string, string>): string {
  const steps = evaluatedSteps(comparison);
  const lowest = new Map(
    steps.map((step) => {
      const means = comparison.variants.map(
        (variant) => completeMean(comparison, variant, step) ?? Number.POSITIVE_INFINITY,
      );
      return [step, Math.min(...means)];
    }),
  );
  const rows = comparison.variants.map((variant) => {
    const cells = steps.map((step) => {
      const perplexity = at(variant, step, 'perplexity');
      const bits = at(variant, step, 'bitsPerByte');
      if (perplexity === null || bits === null) return '<td class="number">–</td>';
      // At step 0 variants may be equal on purpose; a tie has no winner.
      const ties = comparison.variants.filter(
        (other) => completeMean(comparison, other, step) === perplexity.mean,
      ).length;
      const complete = completeMean(comparison, variant, step);
      const best = complete === lowest.get(step) && ties === 1 && comparison.variants.length > 1;
      const text = meanWithDeviation(perplexity);
      const lacking =
        complete === null ? `<br><small>${perplexity.count} of ${comparison.seeds.length} seeds</small>` : '';
      return `<td class="number">${best ? `<strong>${text}</strong>` : text}<br><small>${bits.mean.toFixed(3)}</small>${lacking}</td>`;
    });
    return `<tr><th scope="row">${swatch(colours.get(variant.name))}${escapeHtml(variant.name)}</th>${cells.join('')}</tr>`;
  });
  const heads = steps.map((step) => `<th scope="col" class="number">step ${step.toLocaleString('en')}</th>`);
  return table(['<th scope="col">variant</th>', ...heads], rows);
}

function pairedTable(comparison: Comparison): string {
  const rows = comparison.paired.map((result: PairedResult) => {
    const { meanLossDifference: difference, ci95, relativePerplexityReduction: reduction } = result;
    const cells = [
      escapeHtml(result.variant),
      escapeHtml(result.baseline),
      result.step.toLocaleString('en'),
      String(result.n),
      difference === null ? '–' : signed(difference, 4),
      ci95 === null ? '–' : `${signed(ci95[0], 4)} to ${signed(ci95[1], 4)}`,
      formatP(result.pValue),
      reduction === null ? '–' : percent(reduction),
    ];
    return `<tr>${cells.map((cell, index) => `<td${index < 2 ? '' : ' class="number"'}>${cell}</td>`).join('')}</tr>`;
  });
  const heads = [
    'variant',
    'baseline',
    'step',
    'seeds',
    'loss difference',
    '95 % interval',
    'p',
    'perplexity lower by',
  ];
  return table(
    heads.map((head, index) => `<th scope="col"${index < 2 ? '' : ' class="number"'}>${head}</th>`),
    rows,
  );
}

function variantTable(comparison: Comparison, colours: ReadonlyMap<string, string>, extras: ReportExtras): string {
  const rows = comparison.variants.map((variant) => {
    const diverged = divergedRuns(comparison, variant.name);
    const speed = extras.throughput?.get(variant.name);
    const cells = [
      variant.parameters.toLocaleString('en'),
      `${(variant.flopsPerToken / 1e6).toFixed(2)} M`,
      speed === undefined ? '–' : Math.round(speed).toLocaleString('en'),
      `${variant.runs.length - diverged} of ${variant.runs.length}`,
    ];
    const name = `<th scope="row">${swatch(colours.get(variant.name))}${escapeHtml(variant.name)}</th>`;
    return `<tr>${name}${cells.map((cell) => `<td class="number">${cell}</td>`).join('')}</tr>`;
  });
  const heads = ['parameters', 'training FLOPs a token', 'tokens a second', 'finished runs'];
  return table(
    ['<th scope="col">variant</th>', ...heads.map((head) => `<th scope="col" class="number">${head}</th>`)],
    rows,
  );
}

function at(variant: ComparisonVariant, step: number, field: 'perplexity' | 'bitsPerByte') {
  const values = variant.runs.flatMap((run) =>
    run.evaluations.filter((evaluation) => evaluation.step === step).map((evaluation) => evaluation[field]),
  );
  const summary = meanAndDeviation(values);
  return summary === null ? null : { ...summary, count: values.length };
}

/** The mean perplexity at a step where every seed has one: the mean of the survivors of divergence would flatter. */
function completeMean(comparison: Comparison, variant: ComparisonVariant, step: number): number | null {
  const perplexity = at(variant, step, 'perplexity');
  return perplexity === null || perplexity.count < comparison.seeds.length ? null : perplexity.mean;
}

/** Both with the decimals of the mean; a deviation too small for them with one digit. */
function meanWithDeviation({ mean, deviation }: { mean: number; deviation: number | null }): string {
  const text = formatPerplexity(mean);
  if (deviation === null) return text;
  const decimals = text.split('.')[1]?.length ?? 0;
  const rounded = deviation.toFixed(decimals);
  return `${text} ± ${Number(rounded) === 0 && deviation > 0 ? deviation.toPrecision(1) : rounded}`;
}

/** Every step at which any run was evaluated, in order. */
export function evaluatedSteps(comparison: Comparison): number[] {
  const steps = comparison.variants.flatMap(({ runs }) =>
    runs.flatMap(({ evaluations }) => evaluations.map(({ step }) => step)),
  );
  return [...new Set(steps)].sort((a, b) => a - b);
}

function swatch(colour: string | undefined): string {
  return `<span class="swatch" style="background:${colour ?? '#000'}"></span>`;
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}

const style = `
:root { color: #222; background: #fff; font: 15px/1.5 Helvetica, Arial, "DejaVu Sans", sans-serif; }
body { max-width: 66rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.25rem; }
p { margin: 0.4rem 0; }
.facts, .note, small { color: #595959; }
.verdict { margin: 1rem 0; padding: 0.5rem 1rem; border-left: 4px solid #0072B2; background: #f3f7fa; font-size: 1.05rem; }
figure { margin: 1rem 0; }
figure svg { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 0.6rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 0.6rem; text-align: left; border-bottom: 1px solid #ddd; white-space: nowrap; }
thead th { border-bottom: 2px solid #888; font-weight: 600; }
tbody th { font-weight: 500; }
.number { text-align: right; }
.text { white-space: normal; }
.swatch { display: inline-block; width: 0.8rem; height: 0.8rem; margin-right: 0.5rem; border-radius: 2px; }
`;
