import { useEffect, useRef, useState } from 'preact/hooks';
import type { AttentionMaps } from '../worker/attention.ts';
import { LayerChoice } from './curve-view.tsx';
import type { Lane } from './lane.ts';

/** Where each head of a layer looks when it reads the model's own text. */
export function AttentionView({ lane, text }: { lane: Lane; text: string }) {
  const [layer, setLayer] = useState(0);
  const [maps, setMaps] = useState<AttentionMaps | undefined>();
  const { layers } = lane.config.model;
  const evaluations = lane.records.filter(({ kind }) => kind === 'evaluation').length;
  useEffect(() => {
    let isCurrent = true;
    // A run that gave way to another one has nothing to show.
    void lane.trainer.attention(Math.min(layer, layers - 1), text).then(
      (read) => isCurrent && setMaps(read),
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [lane, layer, evaluations]);

  return (
    <figure>
      <figcaption>Attention: how much each token (row) takes from those before it (columns)</figcaption>
      <div class="heads">
        {maps?.heads.map((shares, head) => (
          <HeadMap key={head} shares={shares} tokens={maps.tokens} name={`head ${head}`} />
        ))}
      </div>
      <LayerChoice name="attention" layers={layers} layer={layer} onChange={setLayer} />
    </figure>
  );
}

/** The shares of one head as a picture of one pixel each, blown up. */
function HeadMap({ shares, tokens, name }: { shares: Float32Array; tokens: readonly string[]; name: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const time = tokens.length;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    const pixels = new ImageData(time, time);
    for (const [at, share] of shares.entries()) {
      const dark = Math.sqrt(share);
      pixels.data.set([255 - 228 * dark, 255 - 160 * dark, 255 - 75 * dark, 255], 4 * at);
    }
    context?.putImageData(pixels, 0, 0);
  });
  const last = shares.subarray((time - 1) * time);
  const most = last.indexOf(Math.max(...last));
  const label = `${name}: the last token, “${tokens.at(-1)}”, takes most, ${Math.round(100 * last[most]!)} %, from “${tokens[most]}”`;
  return (
    <div>
      <canvas ref={canvas} width={time} height={time} role="img" aria-label={label} title={label} />
      <div>{name}</div>
    </div>
  );
}
