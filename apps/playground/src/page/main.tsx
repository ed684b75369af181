/** The page: settings, buttons, and what each model does. */
import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { render } from 'preact';
import { useEffect, useMemo, useReducer, useState } from 'preact/hooks';
import { Buttons } from './buttons.tsx';
import { Charts } from './charts.tsx';
import { LaneView } from './lane-view.tsx';
import { Race } from './race.ts';
import { initialSettings, type Settings } from './settings.ts';
import { SettingsForm } from './settings-form.tsx';

function Page() {
  const [settings, setSettings] = useState<Settings>(initialSettings);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const race = useMemo(() => new Race(() => redraw(undefined)), []);
  useEffect(() => {
    void race.prepare(settings, true);
  }, []);

  return (
    <>
      <p>
        A small language model learns the text below, here in your browser: nothing is sent anywhere. Choose the gate of
        its feed-forward blocks, or let two race from the same seed.
      </p>
      <SettingsForm settings={settings} onChange={setSettings} isRunning={race.status === 'running'} />
      <Buttons race={race} settings={settings} />
      <p id="problem" role="alert">
        {race.problem}
      </p>
      <Charts lanes={race.lanes} />
      <div class="lanes">
        {race.lanes.map((lane, index) => (
          <LaneView key={index} race={race} lane={lane} index={index} settings={settings} />
        ))}
      </div>
    </>
  );
}

// Curves of activations are drawn by the processor; the graphics card is the workers'.
await setBackend('cpu');
render(<Page />, document.getElementById('page')!);
