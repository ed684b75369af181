import { duration } from '@dynact/command-line/duration';
import { useMemo } from 'preact/hooks';
import type { RunDetail, RunRow } from '../protocol.ts';
import { Charts } from './charts.tsx';
import { ago, count } from './format.ts';
import type { Change } from './hash.ts';
import { runCharts, type Source } from './models.ts';

/** A run: all its curves, what the model wrote, events, configuration and machine. */
export function RunView({ row, source, change }: { row: RunRow; source: Source; change: Change }) {
  const { known, zoomed, state } = source;
  const models = useMemo(() => runCharts(source, row.id), [known.data, known.runs, zoomed, state]);
  const detail = known.data.get(row.id)?.detail;
  return (
    <>
      <h1>{row.name}</h1>
      <p class="facts">
        <span class={`state ${row.state}`}>{row.state}</span> · step {count(row.step)}
        {row.steps === null ? '' : ` of ${count(row.steps)}`}
        {row.msLeft === null ? '' : ` · ${duration(row.msLeft)} left`} · {ago(row.updated)}
      </p>
      {row.problem === null ? null : <p class="problem">{row.problem}</p>}
      <Charts models={models} state={state} change={change} />
      {detail === undefined ? null : <Detail detail={detail} />}
    </>
  );
}

function Detail({ detail: { samples, events, machine, config } }: { detail: RunDetail }) {
  return (
    <>
      {samples.length === 0 ? null : (
        <>
          <h2>What the model wrote</h2>
          <dl class="samples">
            {[...samples].reverse().map(({ step, prompt, text }) => (
              <div key={step}>
                <dt>step {count(step)}</dt>
                <dd>
                  <b>{prompt}</b>
                  {text}
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
      {events.length === 0 ? null : (
        <>
          <h2>Events</h2>
          <ul>
            {events.map(({ step, text }, index) => (
              <li key={index}>
                step {count(step)}: {text}
              </li>
            ))}
          </ul>
        </>
      )}
      {machine.length === 0 ? null : (
        <>
          <h2>Machine</h2>
          <table class="machine">
            <tbody>
              {machine.map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      {config === null ? null : (
        <details>
          <summary>Configuration</summary>
          <pre>{config}</pre>
        </details>
      )}
    </>
  );
}
