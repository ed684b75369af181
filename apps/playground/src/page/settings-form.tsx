import type { JSX } from 'preact';
import { gates, type PresetName, presets, presetValues, type Settings } from './settings.ts';

interface FormProps {
  readonly settings: Settings;
  readonly onChange: (settings: Settings) => void;
  /** Fields are locked while a model trains: its text, gate and sizes stay. */
  readonly isRunning: boolean;
}

/** Form of the text, the gates and how they are trained. */
export function SettingsForm({ settings, onChange, isRunning }: FormProps) {
  const change = (part: Partial<Settings>) => onChange({ ...settings, ...part });
  return (
    <form class="settings" autocomplete="off" onSubmit={(event) => event.preventDefault()}>
      <Field label="text" isWide>
        <textarea
          id="text"
          rows={6}
          disabled={isRunning}
          value={settings.text}
          onInput={(event) => change({ text: event.currentTarget.value })}
        />
      </Field>
      <Choice
        label="size"
        value={settings.preset}
        values={Object.keys(presets) as PresetName[]}
        isDisabled={isRunning}
        onChange={(preset) => change({ preset, ...presetValues(preset) })}
      />
      <Choice
        label="gate"
        value={settings.gate}
        values={gates}
        isDisabled={isRunning}
        onChange={(gate) => change({ gate })}
      />
      <Choice
        label="rival"
        value={settings.rival}
        values={['none', ...gates] as const}
        isDisabled={isRunning}
        onChange={(rival) => change({ rival })}
      />
      <Value
        label="steps"
        value={settings.steps}
        step="1"
        isDisabled={isRunning}
        onChange={(steps) => change({ steps })}
      />
      <Value
        label="learning rate"
        value={settings.learningRate}
        isDisabled={isRunning}
        onChange={(learningRate) => change({ learningRate })}
      />
      <Value label="seed" value={settings.seed} step="1" isDisabled={isRunning} onChange={(seed) => change({ seed })} />
      <Field label="prompt">
        <input id="prompt" value={settings.prompt} onInput={(event) => change({ prompt: event.currentTarget.value })} />
      </Field>
      <Value
        label="temperature"
        value={settings.temperature}
        isDisabled={false}
        onChange={(temperature) => change({ temperature })}
      />
    </form>
  );
}

function idOf(label: string): string {
  return label.replace(' ', '-');
}

function Field({ label, isWide, children }: { label: string; isWide?: boolean; children: JSX.Element }) {
  return (
    <div class={isWide ? 'field wide' : 'field'}>
      <label for={idOf(label)}>{label}</label>
      {children}
    </div>
  );
}

function Choice<Name extends string>(props: {
  readonly label: string;
  readonly value: Name;
  readonly values: readonly Name[];
  readonly isDisabled: boolean;
  readonly onChange: (value: Name) => void;
}) {
  const { label, value, values, isDisabled, onChange } = props;
  return (
    <Field label={label}>
      <select
        id={idOf(label)}
        value={value}
        disabled={isDisabled}
        onChange={(event) => onChange(values[event.currentTarget.selectedIndex]!)}
      >
        {values.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </Field>
  );
}

function Value(props: {
  readonly label: string;
  readonly value: number;
  readonly step?: string;
  readonly isDisabled: boolean;
  readonly onChange: (value: number) => void;
}) {
  const { label, value, step = 'any', isDisabled, onChange } = props;
  return (
    <Field label={label}>
      <input
        id={idOf(label)}
        type="number"
        min="0"
        step={step}
        disabled={isDisabled}
        value={Number.isNaN(value) ? '' : value}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
    </Field>
  );
}
