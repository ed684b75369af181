import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PreparedDataset, prepareDataset } from '@dynact/data';

/** A corpus of made-up sentences, prepared in a temporary folder. @param animal that they are about */
export async function tinyDataset(animal = 'cat'): Promise<PreparedDataset> {
  const folder = mkdtempSync(join(tmpdir(), 'dynact-training-'));
  const words = ['the', animal, 'saw', 'a', 'small', 'house', 'near', 'river', 'and', 'slept', 'well', 'today'];
  const sentences = Array.from({ length: 600 }, (_, n) =>
    Array.from({ length: 9 }, (_, k) => words[(n * 7 + k * (n % 5) + k) % words.length]).join(' '),
  );
  const path = join(folder, 'sentences.txt');
  writeFileSync(path, `${sentences.join('.\n\n')}.\n`);
  return prepareDataset({
    source: path,
    definitions: [],
    datasets: folder,
    encoding: 'r50k_base',
    vocabularySize: 300,
  });
}
