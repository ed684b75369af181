import { useState } from 'preact/hooks';
import type { ComparisonRow } from '../protocol.ts';
import type { Known } from './feed.ts';
import { ago } from './format.ts';
import { type Change, linkTo, type PageState } from './hash.ts';
import { columnsOf, compareBy, groupsOf, matches } from './rows.ts';
import { RunTable } from './run-table.tsx';

/** All comparisons and runs, newest first. */
export function Overview({ known, state, change }: { known: Known; state: PageState; change: Change }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const runs = [...known.runs.values()].filter((row) => matches(row, state.filter));
  const comparisons = [...known.comparisons.values()].filter(({ name }) => name.includes(state.filter));
  const columns = columnsOf(runs);
  const sorted = runs.sort(compareBy(state.sort, columns));
  const ids = sorted.map(({ id }) => id).filter((id) => chosen.has(id));
  const [newest] = [...known.runs.values()].sort((a, b) => b.updated - a.updated);
  return (
    <>
      <h1 class="hidden">Runs and comparisons</h1>
      <form class="controls" onSubmit={(event) => event.preventDefault()}>
        <label>
          filter{' '}
          <input
            type="search"
            value={state.filter}
            placeholder="name, setting or state"
            onInput={(event) => change({ filter: event.currentTarget.value })}
          />
        </label>
        <label>
          group by{' '}
          <select
            value={state.group}
            onChange={(event) => change({ group: event.currentTarget.value as PageState['group'] })}
          >
            <option value="none">nothing</option>
            <option value="folder">folder</option>
            <option value="state">state</option>
          </select>
        </label>
        {newest === undefined ? null : <a href={linkTo(state, 'run', [newest.id])}>newest run</a>}
        {ids.length === 0 ? (
          <span class="note">choose runs to see them one over the other</span>
        ) : (
          <a class="button" href={linkTo(state, 'overlay', ids)}>
            overlay {ids.length} {ids.length === 1 ? 'run' : 'runs'}
          </a>
        )}
      </form>
      {comparisons.length === 0 ? null : <Comparisons rows={comparisons} state={state} />}
      {groupsOf(sorted, state.group).map(({ name, rows }) => (
        <section key={name}>
          <h2>{name}</h2>
          <RunTable
            title={name}
            rows={rows}
            columns={columns}
            state={state}
            change={change}
            chosen={chosen}
            choose={setChosen}
          />
        </section>
      ))}
      {known.isListed && known.runs.size + known.comparisons.size === 0 ? <p>There are no runs here yet.</p> : null}
    </>
  );
}

function Comparisons({ rows, state }: { rows: readonly ComparisonRow[]; state: PageState }) {
  const sorted = [...rows].sort((a, b) => b.updated - a.updated || (a.name < b.name ? -1 : 1));
  return (
    <section>
      <h2>Comparisons</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is scrolled from the keyboard, too */}
      <section class="scroll" tabIndex={0} aria-label="Comparisons">
        <table>
          <thead>
            <tr>
              {['name', 'data', 'variants', 'seeds', 'runs ended', 'changed'].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  <a href={linkTo(state, 'comparison', [row.id])}>{row.name}</a>
                </th>
                {row.problem === null ? (
                  <>
                    <td>{row.dataset}</td>
                    <td>{row.variants.join(', ')}</td>
                    <td>{row.seeds.join(', ')}</td>
                    <td>
                      {row.ended} of {row.variants.length * row.seeds.length}
                    </td>
                    <td>{row.updated === 0 ? '–' : ago(row.updated)}</td>
                  </>
                ) : (
                  <td colSpan={5} class="problem">
                    {row.problem}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
