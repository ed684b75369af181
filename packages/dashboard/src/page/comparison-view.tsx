import { lastPaired, verdictSentence } from '@dynact/runs/records';
import { evaluationTable, pairedTable } from '@dynact/runs/report';
import { useMemo } from 'preact/hooks';
import type { ComparisonRow } from '../protocol.ts';
import { Charts } from './charts.tsx';
import { comparisonCharts } from './comparison-charts.ts';
import { DataTable } from './data-table.tsx';
import type { Known } from './feed.ts';
import { type Change, linkTo, type PageState } from './hash.ts';
import type { Source } from './models.ts';

/** A comparison: verdicts so far, its charts, the tables of the report, its runs. */
export function ComparisonView({ row, source, change }: { row: ComparisonRow; source: Source; change: Change }) {
  const { known, state } = source;
  const { live } = known;
  const models = useMemo(() => comparisonCharts(source, row, live), [known, source.zoomed, state, row]);
  const tones = new Map(row.variants.map((variant, index) => [variant, index]));
  const planned = row.variants.length * row.seeds.length;
  return (
    <>
      <h1>{row.name}</h1>
      <p class="facts">
        {row.dataset} · {row.variants.length} variants · {row.seeds.length === 1 ? 'seed' : 'seeds'}{' '}
        {row.seeds.join(', ')} · {row.ended} of {planned} runs ended
      </p>
      {row.problem === null ? null : <p class="problem">{row.problem}</p>}
      {live === undefined ? null : <Verdicts live={live} />}
      <Charts models={models} state={state} change={change} />
      {live === undefined ? null : (
        <>
          <h2>Validation {live.comparison.metric.name} at the evaluation steps</h2>
          <DataTable table={evaluationTable(live.comparison)} title="Evaluations" tones={tones} />
          {live.comparison.paired.length === 0 ? null : (
            <>
              <h2>Paired differences</h2>
              <DataTable table={pairedTable(live.comparison)} title="Paired differences" tones={tones} />
            </>
          )}
        </>
      )}
      <h2>Runs</h2>
      <Members row={row} known={known} state={state} />
    </>
  );
}

function Verdicts({ live: { comparison, isOver } }: { live: NonNullable<Known['live']> }) {
  const results = lastPaired(comparison);
  return (
    <section class="verdict" aria-label="Verdict" aria-live="polite">
      {isOver ? null : <p class="note">So far:</p>}
      {results.length === 0 ? <p>Nothing to compare yet.</p> : null}
      {results.map((result) => (
        <p key={result.variant}>{verdictSentence(comparison, result)}</p>
      ))}
    </section>
  );
}

function Members({ row, known, state }: { row: ComparisonRow; known: Known; state: PageState }) {
  return (
    <ul class="members">
      {row.runs.map(({ id, variant, seed }) => {
        const run = known.runs.get(id);
        return (
          <li key={id}>
            <a href={linkTo(state, 'run', [id])}>
              {variant} seed {seed}
            </a>{' '}
            {run === undefined ? '' : `${run.state}, step ${run.step}${run.steps === null ? '' : ` of ${run.steps}`}`}
          </li>
        );
      })}
    </ul>
  );
}
