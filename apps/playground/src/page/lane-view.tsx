import { runFolderName } from '@dynact/runs/records';
import { problemOf } from '../worker/calls.ts';
import { AttentionView } from './attention-view.tsx';
import { ParameterChart } from './charts.tsx';
import { CurveView } from './curve-view.tsx';
import type { Lane } from './lane.ts';
import { median } from './median.ts';
import type { Race } from './race.ts';
import { runFiles } from './run-files.ts';
import { type Settings, textFile } from './settings.ts';
import { tarOf } from './tar.ts';

interface LaneProps {
  readonly race: Race;
  readonly lane: Lane;
  readonly index: number;
  readonly settings: Settings;
}

/** One model: its size, its speed, its text, and a look inside. */
export function LaneView({ race, lane, index, settings }: LaneProps) {
  const { begun, records } = lane;
  if (begun === undefined) return null;
  const train = records.filter((record) => record.kind === 'train');
  const last = train.at(-1);
  const speed = median(train.slice(-20).map(({ tokensPerSecond }) => tokensPerSecond));
  const validation = records.findLast((record) => record.kind === 'evaluation');
  const whole = records.findLast((record) => record.kind === 'whole-split');
  const name = runFolderName(lane.kind, lane.config.seed);

  const save = async () => {
    try {
      const archive = tarOf(await runFiles(lane, lane.text), name, Date.now());
      const link = document.createElement('a');
      link.href = URL.createObjectURL(archive);
      link.download = `${name}.tar`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch (error) {
      race.show(problemOf(error));
    }
  };

  return (
    <section class="lane" aria-labelledby={`lane-${index}`}>
      <h2 id={`lane-${index}`}>
        Model {index + 1}: {lane.kind}
      </h2>
      <dl class="facts">
        <Fact name="step" value={`${lane.step} of ${lane.steps}`} />
        <Fact name="training loss" value={last?.loss.toFixed(3)} />
        <Fact name="validation loss" value={validation?.loss.toFixed(3)} />
        <Fact name="over the whole split" value={whole?.loss.toFixed(3)} />
        <Fact name="unigrams' loss" value={begun.unigramLoss.toFixed(3)} />
        <Fact name="parameters" value={begun.parameters.toLocaleString('en')} />
        <Fact name="FLOPs a token" value={begun.flopsPerToken.toLocaleString('en')} />
        <Fact name="tokens a second" value={speed === undefined ? undefined : Math.round(speed).toLocaleString('en')} />
        <Fact
          name="tokens a second, writing"
          value={lane.writingSpeed === undefined ? undefined : Math.round(lane.writingSpeed).toLocaleString('en')}
        />
        <Fact
          name="memory"
          value={lane.memory && `${(lane.memory.numBytes / 1e6).toFixed(2)} MB, ${lane.memory.numTensors} tensors`}
        />
      </dl>
      <ParameterChart lane={lane} index={index} />
      <CurveView lane={lane} />
      <h3>What it writes</h3>
      <p class="sample">{lane.sample || 'nothing yet'}</p>
      <AttentionView lane={lane} text={lane.sample || settings.prompt} />
      <button type="button" disabled={race.status === 'running'} onClick={() => void save()}>
        save as a run folder
      </button>
      <p class="hint">
        <code>
          tar xf {name}.tar; dynact sample {name} --prompt "{settings.prompt}"; dynact evaluate {name} --data {name}/
          {textFile} --split validation
        </code>
      </p>
    </section>
  );
}

function Fact({ name, value = '–' }: { name: string; value?: string | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
