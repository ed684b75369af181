import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { interruptSignal, positive, printable, textTable, wholeNumber } from '@dynact/command-line';
import { encodingNames, findFolder, inspectDataset, listDatasets } from '@dynact/data';
import { InputError } from '@dynact/files';
import { parseConfig } from '@dynact/training';
import { type Command, Option } from 'commander';
import { loadConfiguration, override } from '../configuration.ts';
import { datasetFolders } from '../places.ts';
import { prepareConfigured } from '../prepare-configured.ts';

interface DatasetOptions {
  readonly vocabSize?: number;
  readonly encoding?: string;
  readonly workers?: number;
  readonly json?: boolean;
}

export function dataCommand(data: Command): void {
  data
    .command('list')
    .description('the corpora that are known, and what is prepared')
    .option('--json', 'print one JSON document')
    .action(list);
  withDataset(data.command('prepare').description('make token files of a corpus')).action(prepare);
  withDataset(data.command('inspect').description('statistics of a corpus; prepares it where needed')).action(inspect);
  data
    .command('remove')
    .description('delete the token files of a corpus, and its fetched files; its text and its definition stay')
    .argument('<name>', 'a name of `data list` that is prepared')
    .action(remove);
}

/**
 * @param wanted a name of the list, or the base name of the text that it was made of
 * @throws InputError where nothing is prepared under that name, or several are
 */
function remove(wanted: string): void {
  const folders = datasetFolders();
  const prepared = listDatasets(folders).flatMap((corpus) => (corpus.prepared.length > 0 ? [corpus.name] : []));
  const name = prepared.includes(wanted) ? wanted : findFolder(folders.datasets, wanted);
  if (name === undefined || !prepared.includes(name)) {
    throw new InputError('usage', `${wanted} is not prepared; name one of: ${prepared.join(', ') || 'none is'}`);
  }
  const directory = join(folders.datasets, name);
  rmSync(directory, { recursive: true });
  console.log(`removed ${directory}`);
}

function withDataset(command: Command): Command {
  return command
    .argument('<dataset>', 'a name of `data list`, a definition, a text file, or a folder')
    .option('--vocab-size <count>', 'tokens of the vocabulary, from 257 to the full size of the encoding', wholeNumber)
    .addOption(new Option('--encoding <name>', 'of gpt-tokenizer').choices(encodingNames))
    .option('--workers <count>', 'threads that tokenize; the result does not depend on it', positive)
    .option('--json', 'print one JSON document');
}

async function list({ json }: { json?: boolean }): Promise<void> {
  const datasets = listDatasets(datasetFolders());
  if (json) {
    console.log(JSON.stringify(datasets));
    return;
  }
  const rows = datasets.map(({ name, bytes, license, prepared }) => [
    name,
    bytes === undefined ? '?' : `${(bytes / 1e6).toFixed(1)} MB`,
    prepared.join(' ') || '-',
    license,
  ]);
  console.log(textTable([['dataset', 'size', 'prepared', 'license'], ...rows]));
}

async function prepare(dataset: string, options: DatasetOptions): Promise<void> {
  const prepared = await open(dataset, options);
  try {
    const { manifest, directory } = prepared;
    if (options.json) {
      console.log(JSON.stringify({ directory, ...manifest }));
      return;
    }
    const rows = Object.entries(manifest.splits).map(([name, { documents, bytes, tokens, bytesPerToken, rule }]) => [
      name,
      ...[documents, bytes, tokens].map((count) => count.toLocaleString('en')),
      bytesPerToken.toFixed(3),
      rule,
    ]);
    console.log(directory);
    console.log(textTable([['split', 'documents', 'bytes', 'tokens', 'bytes/token', 'holds'], ...rows]));
  } finally {
    prepared.close();
  }
}

async function inspect(dataset: string, options: DatasetOptions): Promise<void> {
  const prepared = await open(dataset, options);
  try {
    const inspection = await inspectDataset(prepared);
    if (options.json) {
      console.log(JSON.stringify(inspection));
      return;
    }
    const splits = Object.entries(inspection.splits).map(([name, split]) => [
      name,
      ...[split.documents, split.bytes, split.tokens, split.distinctIds].map((count) => count.toLocaleString('en')),
      split.bytesPerToken.toFixed(3),
    ]);
    const frequent = inspection.mostFrequent.map(({ id, text, count, share }) => [
      JSON.stringify(text),
      String(id),
      count.toLocaleString('en'),
      `${(100 * share).toFixed(2)} %`,
    ]);
    console.log(printable(`${inspection.name} (${inspection.license})`));
    console.log(
      `${inspection.encoding}, ${inspection.vocabularySize} tokens, ${inspection.unusedIds} of them unused\n`,
    );
    console.log(textTable([['split', 'documents', 'bytes', 'tokens', 'distinct', 'bytes/token'], ...splits]));
    const { validation, test } = inspection.unigramPerplexity;
    console.log(
      `\nperplexity under the training unigrams: validation ${validation.toFixed(1)}, test ${test.toFixed(1)}\n`,
    );
    console.log(textTable([['most frequent', 'id', 'count', 'share'], ...frequent]));
    console.log(`\na sample of the training split:\n${printable(inspection.sample)}`);
  } finally {
    prepared.close();
  }
}

async function open(dataset: string, { vocabSize, encoding, workers }: DatasetOptions) {
  const values = {
    ...(vocabSize === undefined ? {} : { vocabSize }),
    ...(encoding === undefined ? {} : { encoding }),
  };
  const { raw, source } = override(loadConfiguration({ data: dataset }), { dataset: values });
  const { signal, release } = interruptSignal();
  try {
    return await prepareConfigured(parseConfig(raw, source).dataset, {
      signal,
      ...(workers === undefined ? {} : { workers }),
    });
  } finally {
    release();
  }
}
