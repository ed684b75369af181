import { chart, type Line } from '@dynact/activations/chart';
import { curve } from '@dynact/activations/registry';
import { resolveModelConfig } from '@dynact/transformer';
import { useEffect, useState } from 'preact/hooks';
import type { Lane } from './lane.ts';

const width = 360;
const height = 230;

/** The activation of a layer as its parameters are now. */
export function CurveView({ lane }: { lane: Lane }) {
  const [layer, setLayer] = useState(0);
  const [drawn, setDrawn] = useState('');
  const { model, dataset } = lane.config;
  const { feedForwards } = resolveModelConfig(model, dataset.vocabSize);
  const block = feedForwards[Math.min(layer, feedForwards.length - 1)]!;
  if ('own' in block) throw new Error(`the page knows no block "${block.own}"`);
  const { name, ...options } = block.activation;
  const values: Record<string, number> = {};
  for (const record of lane.records) {
    if (record.kind === 'activation' && record.layer === layer && typeof record.value === 'number') {
      values[record.name] = record.value;
    }
  }
  const told = Object.entries(values).map(([parameter, value]) => `${parameter} ${value.toFixed(3)}`);
  const key = JSON.stringify([name, options, values]);
  useEffect(() => {
    let isCurrent = true;
    void curve(name, { ...options, ...values }).then(({ x, value, derivative }) => {
      const lines: Line[] = [
        { label: 'f(x)', x, y: value, style: 'value' },
        { label: "f'(x)", x, y: derivative, style: 'derivative' },
      ];
      if (isCurrent) setDrawn(chart(lines, { title: '', width, height, range: [-3, 6] }));
    });
    return () => {
      isCurrent = false;
    };
  }, [key]);

  const description = `${name} of layer ${layer}${told.length === 0 ? '' : `: ${told.join(', ')}`}`;
  return (
    <figure>
      <figcaption>{description}</figcaption>
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${description}; value and derivative`}
        dangerouslySetInnerHTML={{ __html: drawn }}
      />
      <LayerChoice name="curve" layers={feedForwards.length} layer={layer} onChange={setLayer} />
    </figure>
  );
}

/** Which layer is looked at. */
export function LayerChoice(props: {
  readonly name: string;
  readonly layers: number;
  readonly layer: number;
  readonly onChange: (layer: number) => void;
}) {
  const { name, layers, layer, onChange } = props;
  return (
    <label>
      layer of the {name}{' '}
      <select value={layer} onChange={(event) => onChange(event.currentTarget.selectedIndex)}>
        {Array.from({ length: layers }, (_, index) => (
          <option key={index} value={index}>
            {index}
          </option>
        ))}
      </select>
    </label>
  );
}
