/** An activation's parameters as sliders, its value and derivative drawn as they move. */
import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { fixedNames } from '@dynact/activations';
import { chart, type Line } from '@dynact/activations/chart';
import { activationDocumentation, activationNames, createActivation, curve } from '@dynact/activations/registry';

const WIDTH = 720;
const HEIGHT = 420;
/** The same for every setting, so that a moved parameter moves the curve and not the axes. */
const RANGE = [-3, 6] as const;

interface Preset {
  readonly label: string;
  readonly values: Readonly<Record<string, number>>;
}

const presets: Readonly<Record<string, readonly Preset[]>> = {
  dynactivation: [
    { label: 'the base', values: { alpha: 1, beta: 0 } },
    { label: 'the identity', values: { alpha: 1, beta: 1 } },
    { label: 'between them', values: { alpha: 1, beta: 0.5 } },
  ],
  apalu: [{ label: 'b = 1.5 a', values: { a: 0.5, b: 0.75 } }],
};

const controls = element('controls') as HTMLFormElement;
const choice = element('activation') as HTMLSelectElement;
let drawings = 0;

await setBackend('cpu');
for (const name of activationNames()) choice.append(new Option(activationDocumentation(name).title, name));
choice.value = 'dynactivation';
choice.addEventListener('change', () => {
  showControls(choice.value);
  void draw();
});
controls.addEventListener('input', (event) => {
  if (event.target !== choice) void draw();
});
showControls(choice.value);
await draw();

function showControls(name: string): void {
  for (const row of controls.querySelectorAll('.parameter')) row.remove();
  const { options, formula, source, drawn } = activationDocumentation(name);
  const initial = { ...drawn, ...createActivation(name).options };
  if (options.includes('base')) addBase(String(initial.base));
  const parameters = createActivation(name).parameters.map(({ name }) => name);
  for (const parameter of parameters.filter((parameter) => options.includes(parameter))) {
    addSlider(parameter, Number(initial[parameter]));
  }
  element('formula').textContent = `f(x) = ${formula}`;
  element('source').textContent = `Source: ${source}.`;
  element('presets').replaceChildren(...(presets[name] ?? []).map(presetButton));
}

function addBase(initial: string): void {
  const select = document.createElement('select');
  select.id = 'base';
  select.className = 'parameter';
  for (const base of fixedNames) select.append(new Option(base, base));
  select.value = initial;
  controls.append(label('base'), select);
}

function addSlider(parameter: string, initial: number): void {
  const slider = document.createElement('input');
  Object.assign(slider, { type: 'range', id: parameter, className: 'parameter', min: '-2', max: '3', step: '0.05' });
  slider.value = String(initial);
  slider.dataset.slider = '';
  const shown = document.createElement('output');
  shown.className = 'parameter';
  shown.htmlFor.add(parameter);
  const show = () => {
    shown.value = Number(slider.value).toFixed(2);
  };
  slider.addEventListener('input', show);
  show();
  controls.append(label(parameter), slider, shown);
}

function label(name: string): HTMLLabelElement {
  const label = document.createElement('label');
  label.htmlFor = name;
  label.className = 'parameter';
  label.textContent = name;
  return label;
}

function presetButton({ label, values }: Preset): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = label;
  button.addEventListener('click', () => {
    for (const [parameter, value] of Object.entries(values)) {
      const slider = element(parameter) as HTMLInputElement;
      slider.value = String(value);
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    }
  });
  return button;
}

async function draw(): Promise<void> {
  const drawing = ++drawings;
  const name = choice.value;
  const options: Record<string, unknown> = {};
  const base = document.getElementById('base') as HTMLSelectElement | null;
  if (base !== null) options.base = base.value;
  for (const slider of controls.querySelectorAll<HTMLInputElement>('[data-slider]'))
    options[slider.id] = Number(slider.value);
  const problem = element('problem');
  try {
    const { x, value, derivative } = await curve(name, options);
    if (drawing !== drawings) return; // a newer one was asked for meanwhile
    const lines: Line[] = [
      { label: 'f(x)', x, y: value, style: 'value' },
      { label: "f'(x)", x, y: derivative, style: 'derivative' },
    ];
    const drawn = chart(lines, { title: '', width: WIDTH, height: HEIGHT, range: RANGE });
    const { title } = activationDocumentation(name);
    const size = `width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"`;
    element('chart').innerHTML = `<svg ${size} role="img" aria-label="${title}: value and derivative">${drawn}</svg>`;
    problem.textContent = '';
  } catch (error) {
    // A parameter out of its range: say which, and keep the last curve.
    problem.textContent = error instanceof Error ? error.message : String(error);
  }
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element "${id}"`);
  return found;
}
