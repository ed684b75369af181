import { useRef } from 'preact/hooks';
import { problemOf } from '../worker/calls.ts';
import type { Race } from './race.ts';
import { chosenFiles, startOf } from './run-files.ts';
import type { Settings } from './settings.ts';

const statusWords = {
  preparing: 'getting ready',
  ready: 'ready',
  running: 'training',
  paused: 'paused',
  done: 'all steps are done',
  failed: 'stopped',
} as const;

/** Everything that the user can have done. */
export function Buttons({ race, settings }: { race: Race; settings: Settings }) {
  const folder = useRef<HTMLInputElement>(null);
  const { status } = race;
  const isRunning = status === 'running';

  const open = async (input: HTMLInputElement) => {
    try {
      const files = await chosenFiles(input.files ?? []);
      input.value = '';
      await race.open(settings, startOf(files, settings.text));
    } catch (error) {
      race.show(problemOf(error));
    }
  };

  return (
    <div class="buttons">
      {isRunning ? (
        <button type="button" class="main" onClick={() => race.pause()}>
          pause
        </button>
      ) : (
        <button type="button" class="main" onClick={() => void race.train(settings)}>
          train
        </button>
      )}
      <button type="button" disabled={isRunning} onClick={() => void race.step(settings)}>
        one step
      </button>
      <button type="button" onClick={() => void race.prepare(settings)}>
        reset
      </button>
      <button type="button" disabled={status === 'preparing'} onClick={() => void race.write(settings)}>
        write
      </button>
      <button type="button" disabled={isRunning} onClick={() => folder.current?.click()}>
        open a run…
      </button>
      <input
        ref={(input) => {
          folder.current = input;
          input?.setAttribute('webkitdirectory', '');
        }}
        id="folder"
        type="file"
        multiple
        hidden
        aria-label="folder of a run"
        onChange={(event) => void open(event.currentTarget)}
      />
      <output id="status" data-first-step={race.firstStep}>
        {statusWords[status]}
      </output>
    </div>
  );
}
