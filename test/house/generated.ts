import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { datasetDefinitionJsonSchema } from '../../packages/data/src/definition.ts';
import { configJsonSchema } from '../../packages/training/src/config/json-schema.ts';
import { type ConfigOption, configOptions } from '../../packages/training/src/config/options.ts';

const root = join(import.meta.dirname, '..', '..');

/** A file that `pnpm generate` writes from the code. */
export interface Generated {
  readonly path: string;
  /** Text that the code gives now. */
  readonly text: string;
}

/** JSON schemas that editors complete files by, the page of options, and the lines that a page points at. */
export function generatedFiles(): Generated[] {
  const schema = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
  const walk = join(root, 'docs/how-a-gpt-is-trained.md');
  return [
    { path: join(root, 'packages/training/config.schema.json'), text: schema(configJsonSchema()) },
    { path: join(root, 'packages/data/dataset.schema.json'), text: schema(datasetDefinitionJsonSchema()) },
    { path: join(root, 'docs/configuration.md'), text: optionsPage(configOptions()) },
    { path: walk, text: withCurrentLines(readFileSync(walk, 'utf8'), dirname(walk)) },
  ];
}

function optionsPage(options: readonly ConfigOption[]): string {
  const sections = [...new Set(options.map(({ path }) => path.split('.')[0]!))];
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
  const row = ({ path, type, default: value, description }: ConfigOption) =>
    `| \`${path}\` | ${cell(type)} | ${value === undefined ? '' : `\`${JSON.stringify(value)}\``} | ${cell(description)} |`;
  return [
    '# Configuration',
    '',
    'Written by `pnpm generate` from the schema; do not edit by hand. `dynact options` prints the same, `dynact init` writes a file to change,',
    'and [commands](commands.md#init-options) shows one. A file lists only what it changes; `--set training.steps=500` lies over it.',
    'A name in brackets is a member of a choice: `training.optimizer[muon].momentum` is `training.optimizer.momentum` where its `name` is `muon`.',
    'Where no default stands, the description says what leaving it out means.',
    ...sections.flatMap((section) => [
      '',
      `## ${section}`,
      '',
      '| option | takes | default | |',
      '| --- | --- | --- | --- |',
      ...options.filter(({ path }) => path.split('.')[0] === section).map(row),
    ]),
    '',
  ].join('\n');
}

/** A link such as [`one line of code`](../packages/nn/src/train-step.ts#L90). */
const lineLink = /\[`([^`]+)`\]\(([^)#]+)#L(\d+)\)/g;

/**
 * Moves links to where their quoted text stands now.
 * @param folder of the page
 * @throws Error where a file has the text nowhere, or in several lines of which none is the linked one
 */
export function withCurrentLines(page: string, folder: string): string {
  return page.replaceAll(lineLink, (link, quoted: string, path: string, line: string) => {
    const lines = readFileSync(join(folder, path), 'utf8').split('\n');
    const found = lines.flatMap((text, index) => (text.includes(quoted) ? [index + 1] : []));
    if (found.includes(Number(line))) return link;
    if (found.length !== 1)
      throw new Error(`${path} has \`${quoted}\` in ${found.length} lines; quote one that is unique`);
    return `[\`${quoted}\`](${path}#L${found[0]})`;
  });
}
