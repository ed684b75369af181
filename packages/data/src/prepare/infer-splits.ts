import { InputError } from '@dynact/files';
import type { SplitRule } from '../definition.ts';
import { type SplitName, splitNames } from '../manifest.ts';
import { documentName } from '../sources/documents.ts';
import { usualTail } from '../text/tail.ts';

/**
 * Splits of a folder without a definition, by the names of its folders, else of its files. The words, and the marks
 * that may stand around them, are those of Hugging Face's `datasets` (data_files.py).
 */
const words: Record<SplitName, string> = {
  train: 'train|training',
  validation: 'validation|valid|val|dev',
  test: 'test|testing|eval|evaluation',
};
const mark = '[-._ 0-9]';
const everyWord = Object.values(words).join('|');
const wordOf = (split: SplitName) => new RegExp(`(?:^|${mark})(?:${words[split]})(?:${mark}|$)`, 'i');
const wordsOf = splitNames.map((split) => ({ split, word: wordOf(split) }));
/** A word at a name's start or end; one in the middle (of a title, say) means a split only where every file has one. */
const plain = new RegExp(`^(?:${everyWord})(?:${mark}|$)|(?:^|${mark})(?:${everyWord})(?:${mark}|of)*$`, 'i');
/** Names that mean splits to people, but not to the rule. */
const similar = new RegExp(
  `(?:^|[-._ ])(?:(?:${everyWord})(?:set|data|split|part|text|corpus|docs|file)s?(?:${mark}|$)|(?:held|hold)[-_ ]?out)|` +
    '(?:train|valid|val|dev|test|eval)[A-Z]$',
);
/** Files about a corpus, which lie beside its splits. */
const about = /^(?:readme|licen[cs]e|citation|changelog|notice|copying|contributing)\b/i;

const byPosition: SplitRule = { by: 'position', ...usualTail };

/** Splits, and the names of the files that are part of the corpus. */
export interface InferredSplits {
  readonly splits: SplitRule;
  readonly names: readonly string[];
}

/**
 * By the names where they say which file is for what; otherwise the last twentieths of the text validate and test.
 * @param names of the files, relative to `folder`
 * @throws InputError when the names look like splits and do not say which file is which
 */
export function inferSplits(names: readonly string[], folder: string): InferredSplits {
  const unclear = (reason: string) =>
    new InputError(
      'dataset',
      `the splits of ${folder} are not clear, ${reason}: name its files train..., validation... and test..., or write ` +
        'a definition with "splits"',
    );
  const found = names
    .filter((name) => !about.test(name.slice(name.lastIndexOf('/') + 1)))
    .map((name) => ({ name, splits: splitsOf(name) }));
  const other = found.find(({ splits }) => splits.length === 0);
  const named = found.find(({ name, splits }) => splits.length > 0 && partsOf(name).some((part) => plain.test(part)));
  if (names.length === 1 || (other !== undefined && named === undefined)) {
    const odd = names.find((name) => partsOf(name).some((part) => similar.test(part)));
    if (names.length === 1 || odd === undefined) return { splits: byPosition, names };
    throw unclear(`${odd} looks like a split and is not named like one`);
  }
  if (other !== undefined) throw unclear(`${named?.name} is named like a split and ${other.name} is not`);
  const twice = found.find(({ splits }) => splits.length > 1);
  if (twice !== undefined) throw unclear(`${twice.name} is named like two`);
  const of = (split: SplitName) => found.filter(({ splits }) => splits.includes(split)).map(({ name }) => name);
  const [train, validation, test] = [of('train'), of('validation'), of('test')];
  const all = found.map(({ name }) => name);
  if (all.length === 0 || train.length === all.length) return { splits: byPosition, names: all.length ? all : names };
  if (train.length === 0) throw unclear(`${all[0]} is named like one and no file like the training split`);
  const isWhole = validation.length > 0 && test.length > 0;
  const heldOut = isWhole ? { validation, test } : { validation: [...validation, ...test] };
  return { splits: { by: 'file', train, ...heldOut }, names: all };
}

/** The splits whose words a file's folders have or, without any, its own name. */
function splitsOf(name: string): SplitName[] {
  const [folders, file] = [foldersOf(name), [documentName(name)]].map((parts) =>
    wordsOf.filter(({ word }) => parts.some((part) => word.test(part))).map(({ split }) => split),
  );
  return folders?.length ? folders : (file ?? []);
}

function partsOf(name: string): string[] {
  return [...foldersOf(name), documentName(name)];
}

function foldersOf(name: string): string[] {
  return name.split('/').slice(0, -1);
}
