import { chart, type Line, picture, shownRange } from '../../src/chart.ts';
import { activationDocumentation, activationNames, createActivation, curve, gatedBlocks } from '../../src/registry.ts';

const WIDTH = 380;
const HEIGHT = 290;

/** Every file of docs/, by its path there. */
export async function documentationFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of activationNames()) {
    files.set(`${name}.md`, page(name));
    files.set(`pictures/${name}.svg`, await drawing(name));
  }
  files.set('README.md', index());
  return files;
}

async function drawing(name: string): Promise<string> {
  const { title, parameters, drawn = {}, moved } = activationDocumentation(name);
  const trainable = Object.keys(parameters).length > 0;
  const charts = [await curveChart(name, drawn, trainable ? `initial values${told(drawn)}` : title)];
  if (moved !== undefined) charts.push(await curveChart(name, moved, told(moved).slice(2)));
  return picture(charts, WIDTH, HEIGHT, `${title}: value and derivative`);
}

async function curveChart(name: string, options: object, title: string): Promise<string> {
  const { x, value, derivative } = await curve(name, options);
  const lines: Line[] = [
    { label: 'f(x)', x, y: value, style: 'value' },
    { label: "f'(x)", x, y: derivative, style: 'derivative' },
  ];
  return chart(lines, { title, width: WIDTH, height: HEIGHT, range: shownRange(lines) });
}

/** ": a 1, b 2", or nothing. */
function told(options: object): string {
  const values = Object.entries(options).map(
    ([name, value]) => `${name} ${Array.isArray(value) ? value.join(' ') : value}`,
  );
  return values.length === 0 ? '' : `: ${values.join(', ')}`;
}

/** Call of the plain function, `mish(x)` say. */
export function plainCall(name: string): string {
  const { call, parameters } = activationDocumentation(name);
  const camelCase = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return call ?? `${camelCase}(${['x', ...Object.keys(parameters)].join(', ')})`;
}

function page(name: string): string {
  const { title, formula, source, parameters, smooth, note, options } = activationDocumentation(name);
  const call = plainCall(name);
  const trainable = Object.keys(parameters).length > 0;
  const block = Object.entries(gatedBlocks).find(([, activation]) => activation === name)?.[0];
  const lines = [
    `# ${title}`,
    '',
    `    ${formula}`,
    '',
    ...(formula.includes('s(') || formula.includes('g = s') ? ['s is the sigmoid, 1 / (1 + e^(-x)).', ''] : []),
    `![value and derivative](pictures/${name}.svg)`,
    '',
    `Source: ${source}.`,
    ...(note === undefined ? [] : ['', note]),
    '',
    smooth
      ? 'Smooth: the second derivative is continuous, and `grad(grad(f))` is exact.'
      : 'Not smooth: the first or the second derivative jumps somewhere.',
    '',
  ];
  if (trainable) {
    lines.push('| parameter | meaning |', '| --- | --- |');
    for (const [parameter, meaning] of Object.entries(parameters)) lines.push(`| ${parameter} | ${meaning} |`);
    lines.push('');
  }
  if (options.length > 0) {
    const defaults = JSON.stringify(createActivation(name).options);
    lines.push(`Options: ${options.map((option) => `\`${option}\``).join(', ')}. Defaults: \`${defaults}\`.`, '');
  }
  lines.push(
    '```ts',
    `import { ${call.slice(0, call.indexOf('('))} } from '@dynact/activations';`,
    `const y = ${call};`,
  );
  lines.push('', "import { createActivation, OwnedActivation } from '@dynact/activations/registry';");
  lines.push(`const owned = new OwnedActivation(createActivation('${name}'));`);
  lines.push('const z = owned.apply(x);', '');
  lines.push("import { activationLayer } from '@dynact/activations/layers';");
  lines.push(`model.add(activationLayer({ activation: '${name}' }));`, '```', '');
  if (block !== undefined)
    lines.push(`The gate of the feed-forward block \`${block}\`: \`activation(gate) * value\`.`, '');
  return lines.join('\n');
}

function index(): string {
  const rows = activationNames().map((name) => {
    const { title, formula, source, parameters } = activationDocumentation(name);
    const names = Object.keys(parameters).join(', ') || 'none';
    return `| [${name}](${name}.md) | ${title} | \`${formula.replaceAll('|', '\\|')}\` | ${names} | ${source} |`;
  });
  const blocks = Object.entries(gatedBlocks).map(([block, name]) => `| ${block} | [${name}](${name}.md) |`);
  return [
    '# Activations',
    '',
    'Written by `pnpm --filter @dynact/activations document`; do not edit by hand. s is the sigmoid.',
    'To move the parameters and see the curve: `pnpm playground`.',
    '',
    '| name | title | formula | trainable | source |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    '## Gated blocks',
    '',
    'activation(gate) * value, as one operation:',
    '',
    '| block | activation |',
    '| --- | --- |',
    ...blocks,
    '',
  ].join('\n');
}
