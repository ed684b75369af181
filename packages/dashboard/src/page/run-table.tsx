import { duration } from '@dynact/command-line/duration';
import type { RunRow } from '../protocol.ts';
import { ago, count, figure } from './format.ts';
import { type Change, linkTo, type PageState } from './hash.ts';
import { columnName } from './rows.ts';

interface RunTableProps {
  readonly title: string;
  readonly rows: readonly RunRow[];
  /** Series whose last values are shown. */
  readonly columns: readonly string[];
  readonly state: PageState;
  readonly change: Change;
  /** Ids of the runs that an overlay will show. */
  readonly chosen: ReadonlySet<string>;
  readonly choose: (chosen: ReadonlySet<string>) => void;
}

/** Runs, a row each; the heads sort them. */
export function RunTable({ title, rows, columns, state, change, chosen, choose }: RunTableProps) {
  const heads: [key: string, text: string][] = [
    ['name', 'name'],
    ['state', 'state'],
    ['progress', 'progress'],
    ['left', 'time left'],
    ...columns.map((name): [string, string] => [name, columnName(name)]),
  ];
  const isAll = rows.every(({ id }) => chosen.has(id));
  const chooseAll = () => {
    const ids = rows.map(({ id }) => id);
    choose(new Set(isAll ? [...chosen].filter((id) => !ids.includes(id)) : [...chosen, ...ids]));
  };
  const chooseOne = (id: string) =>
    choose(new Set(chosen.has(id) ? [...chosen].filter((each) => each !== id) : [...chosen, id]));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is scrolled from the keyboard, too
    <section class="scroll" tabIndex={0} aria-label={title}>
      <table class="runs">
        <thead>
          <tr>
            <td>
              <input type="checkbox" checked={isAll} onChange={chooseAll} aria-label={`choose all of ${title}`} />
            </td>
            {heads.map(([key, text]) => (
              <SortHead key={key} column={key} text={text} state={state} change={change} />
            ))}
            <th scope="col">what differs</th>
            <SortHead column="updated" text="changed" state={state} change={change} />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <input
                  type="checkbox"
                  checked={chosen.has(row.id)}
                  onChange={() => chooseOne(row.id)}
                  aria-label={`choose ${row.name}`}
                />
              </td>
              <th scope="row">
                <a href={linkTo(state, 'run', [row.id])}>{row.name}</a>
              </th>
              <td>
                <span class={`state ${row.state}`}>{row.state}</span>
              </td>
              <td class="progress">
                <Progress row={row} />
              </td>
              <td class="number">{row.msLeft === null ? '–' : duration(row.msLeft)}</td>
              {columns.map((name) => (
                <td key={name} class="number">
                  {figure(row.values[name])}
                </td>
              ))}
              <td class="differs">
                {row.problem === null ? <Differs row={row} /> : <span class="problem">{row.problem}</span>}
              </td>
              <td>{row.updated === 0 ? '–' : ago(row.updated)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function SortHead({ column, text, state, change }: { column: string; text: string; state: PageState; change: Change }) {
  const isSorted = state.sort.replace(/^-/, '') === column;
  const isDown = state.sort.startsWith('-');
  return (
    <th scope="col" aria-sort={!isSorted ? 'none' : isDown ? 'descending' : 'ascending'}>
      <button type="button" class="sort" onClick={() => change({ sort: isSorted && isDown ? column : `-${column}` })}>
        {text} <span aria-hidden="true">{isSorted ? (isDown ? '↓' : '↑') : ''}</span>
      </button>
    </th>
  );
}

function Progress({ row: { step, steps, name } }: { row: RunRow }) {
  const text = `${count(step)}${steps === null ? '' : ` / ${count(steps)}`}`;
  return (
    <>
      {steps === null ? null : <progress value={step} max={steps} aria-label={`progress of ${name}`} />} {text}
    </>
  );
}

function Differs({ row: { differs } }: { row: RunRow }) {
  return (
    <>
      {differs.map(([key, value], index) => (
        <span key={key} title={`${key} = ${value}`}>
          {index === 0 ? '' : ' · '}
          {key.slice(key.lastIndexOf('.') + 1)} {value}
        </span>
      ))}
    </>
  );
}
