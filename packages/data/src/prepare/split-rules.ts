import { createHash } from 'node:crypto';
import { InputError } from '@dynact/files';
import type { DatasetDefinition, SplitRule } from '../definition.ts';
import type { SplitName } from '../manifest.ts';
import type { SourceFile } from '../sources/documents.ts';
import { globExpression } from '../sources/glob.ts';
import { segmentLength } from '../text/segments.ts';

/** A document's split is decided by its first so many characters, so that a long one need not be held. */
const decisiveLength = segmentLength;

export interface SplitChooser {
  /** @param text at least the first `decisiveLength` characters of the document, or all of it */
  split(file: SourceFile, document: string, text: string): SplitName;
  /** After the last document. @throws InputError when a name that the definition gives was none of a document */
  finish(): void;
}

/** @throws InputError when a file belongs to no split or to two */
export function createSplitChooser(definition: DatasetDefinition, files: readonly SourceFile[]): SplitChooser {
  const rule = definition.splits;
  switch (rule.by) {
    case 'name':
      return byName(definition.name, rule);
    case 'file':
      return byFile(definition.name, rule, files);
    case 'hash':
      return { split: (_file, _document, text) => splitOfHash(rule, text), finish() {} };
    case 'position':
      // All of it is train until the end is known; then the tail is cut off.
      return { split: () => 'train', finish() {} };
  }
}

function byName(dataset: string, rule: Extract<SplitRule, { by: 'name' }>): SplitChooser {
  const splits = new Map<string, SplitName>();
  for (const name of rule.validation) splits.set(name, 'validation');
  for (const name of rule.test) splits.set(name, 'test');
  const missing = new Set(splits.keys());
  return {
    split(_file, document) {
      missing.delete(document);
      return splits.get(document) ?? 'train';
    },
    finish() {
      const [name] = missing;
      if (name !== undefined)
        throw new InputError('dataset', `${dataset}: no document is named "${name}": correct "splits"`);
    },
  };
}

function byFile(dataset: string, rule: Extract<SplitRule, { by: 'file' }>, files: readonly SourceFile[]): SplitChooser {
  const patterns = (['train', 'validation', 'test'] as const).map((split) => ({
    split,
    expressions: (rule[split] ?? []).map(globExpression),
  }));
  const splits = new Map<string, SplitName>();
  for (const { name } of files) {
    const [first, second] = patterns.filter(({ expressions }) => expressions.some((pattern) => pattern.test(name)));
    if (second !== undefined) {
      throw new InputError(
        'dataset',
        `${dataset}: the splits overlap: ${name} is both ${first?.split} and ${second.split}`,
      );
    }
    if (first === undefined && rule.train !== undefined) {
      throw new InputError(
        'dataset',
        `${dataset}: ${name} belongs to no split: name it in "splits" or leave it out of "files"`,
      );
    }
    splits.set(name, first?.split ?? 'train');
  }
  return {
    split({ name }, _document, text) {
      const split = splits.get(name) ?? 'train';
      return split === 'validation' && rule.test === undefined && placeOfText(text) < 0.5 ? 'test' : split;
    },
    finish() {},
  };
}

function splitOfHash(rule: Extract<SplitRule, { by: 'hash' }>, text: string): SplitName {
  const place = placeOfText(text);
  if (place < rule.test) return 'test';
  return place < rule.test + rule.validation ? 'validation' : 'train';
}

/** A number from 0 to 1 made of the text's sha256: equal texts have equal places. */
function placeOfText(text: string): number {
  return createHash('sha256').update(text.slice(0, decisiveLength)).digest().readUIntBE(0, 6) / 2 ** 48;
}
