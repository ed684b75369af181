import type { Lane } from './lane.ts';
import { Plot, type Series } from './plot.tsx';

/** Colors of the two lanes; the second is dashed where it matters, for those who see no colors. */
const laneColors = ['#1b5fb4', '#b3390b'] as const;
const unigramColor = '#57606a';

/** The losses of all lanes in one picture, and the activations' parameters of each. */
export function Charts({ lanes }: { lanes: readonly Lane[] }) {
  return <Plot title="Loss in nats per token" series={[...lanes.flatMap(lossSeries), ...unigramSeries(lanes[0])]} />;
}

function lossSeries(lane: Lane, index: number): Series[] {
  const color = laneColors[index]!;
  const name = lane.begun === undefined ? `model ${index + 1}` : lane.kind;
  const of = (kind: 'train' | 'evaluation') =>
    new Map(lane.records.flatMap((record) => (record.kind === kind ? [[record.step, record.loss] as const] : [])));
  return [
    { label: `${index + 1}: ${name}, training`, color, width: 1, points: of('train') },
    {
      label: `${index + 1}: ${name}, validation`,
      color,
      width: 3,
      dashes: index === 0 ? [] : [8, 4],
      points: of('evaluation'),
    },
  ];
}

/** Loss of guessing by frequency alone, in nats. */
function unigramSeries(lane: Lane | undefined): Series[] {
  if (lane?.begun === undefined) return [];
  const { unigramLoss } = lane.begun;
  const points = new Map([0, Math.max(1, lane.step)].map((step) => [step, unigramLoss]));
  return [{ label: 'unigrams', color: unigramColor, width: 1, dashes: [2, 3], points }];
}

/** Each layer's parameters of the activation, over the steps. */
export function ParameterChart({ lane, index }: { lane: Lane; index: number }) {
  const tones = ['#1b5fb4', '#b3390b', '#1a7f37', '#8250df', '#7d4e00', '#0b7285'];
  const series = new Map<string, Map<number, number>>();
  for (const record of lane.records) {
    if (record.kind !== 'activation' || typeof record.value !== 'number') continue;
    const label = `layer ${record.layer} ${record.name}`;
    const points = series.get(label) ?? new Map<number, number>();
    series.set(label, points.set(record.step, record.value));
  }
  if (series.size === 0) return null;
  const lines = [...series].map(([label, points], at): Series => {
    return { label, color: tones[at % tones.length]!, dashes: label.endsWith('beta') ? [6, 3] : [], points };
  });
  return <Plot title={`Model ${index + 1}: the activation's parameters`} series={lines} height={180} />;
}
