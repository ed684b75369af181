import { createHash } from 'node:crypto';
import { InputError } from '@dynact/files';
import type { DatasetDefinition, SplitRule } from '../definition.ts';
import { type SplitName, splitNames } from '../manifest.ts';
import type { SourceFile } from '../sources/documents.ts';
import { globMatcher, hasWildcards } from '../sources/glob.ts';
import { segmentLength } from '../text/segments.ts';

/** A document's split is decided by its first so many characters, so that a long one need not be held. */
const decisiveLength = segmentLength;

type SplitRuleBy<By extends SplitRule['by']> = Extract<SplitRule, { by: By }>;

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

function byName(dataset: string, rule: SplitRuleBy<'name'>): SplitChooser {
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

function byFile(dataset: string, rule: SplitRuleBy<'file'>, files: readonly SourceFile[]): SplitChooser {
  const splits = splitsOfFiles(dataset, rule, files);
  return {
    split({ name }, _document, text) {
      const split = splits.get(name) ?? 'train';
      return split === 'validation' && rule.test === undefined && placeOfText(text) < 0.5 ? 'test' : split;
    },
    finish() {},
  };
}

/** @throws InputError when a file belongs to no split or to two */
function splitsOfFiles(
  dataset: string,
  rule: SplitRuleBy<'file'>,
  files: readonly SourceFile[],
): ReadonlyMap<string, SplitName> {
  const matchers = splitNames.map((split) => ({ split, matches: matcherOf(rule[split] ?? []) }));
  const splits = new Map<string, SplitName>();
  for (const { name } of files) {
    const [first, second] = matchers.filter(({ matches }) => matches(name));
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
  return splits;
}

/** A folder without a definition may have many thousands of names, none of them with wildcards. */
function matcherOf(patterns: readonly string[]): (name: string) => boolean {
  const names = new Set(patterns);
  const globs = patterns.filter(hasWildcards).map(globMatcher);
  return (name) => names.has(name) || globs.some((matches) => matches(name));
}

/** Each split in words: which text came into it, by what rule. */
export function describeSplits(
  { name, splits: rule }: DatasetDefinition,
  files: readonly SourceFile[],
  wasHalved: boolean,
): Record<SplitName, string> {
  const percent = (share: number) => `${Number((100 * share).toFixed(2))} %`;
  switch (rule.by) {
    case 'name':
      return {
        train: 'all other documents',
        validation: `documents named ${listed(rule.validation)}`,
        test: `documents named ${listed(rule.test)}`,
      };
    case 'hash': {
      const words = (share: number) => `${percent(share)} of the documents, drawn by their sha256`;
      const { validation, test } = rule;
      return { train: words(1 - validation - test), validation: words(validation), test: words(test) };
    }
    case 'position':
      return {
        train: `the first ${percent(1 - rule.validation - rule.test)} of the text`,
        validation: `the next ${percent(rule.validation)} of the text`,
        test: `the last ${percent(rule.test)} of the text`,
      };
    case 'file': {
      const splits = splitsOfFiles(name, rule, files);
      const of = (split: SplitName) => listed([...splits].filter((entry) => entry[1] === split).map(([file]) => file));
      if (rule.test !== undefined) return { train: of('train'), validation: of('validation'), test: of('test') };
      const [first, second] = wasHalved ? ['the first half', 'the second half'] : ['one half', 'the other half'];
      const held = wasHalved ? of('validation') : `the documents of ${of('validation')}, drawn by their sha256`;
      return { train: of('train'), validation: `${first} of ${held}`, test: `${second} of ${held}` };
    }
  }
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

function splitOfHash(rule: SplitRuleBy<'hash'>, text: string): SplitName {
  const place = placeOfText(text);
  if (place < rule.test) return 'test';
  return place < rule.test + rule.validation ? 'validation' : 'train';
}

/** A number from 0 to 1 made of the text's sha256: equal texts have equal places. */
function placeOfText(text: string): number {
  return createHash('sha256').update(text.slice(0, decisiveLength)).digest().readUIntBE(0, 6) / 2 ** 48;
}
