import { writeFileSync } from 'node:fs';

const words =
  'the old woman walked from her house to the river and said, "It is late; shall we go home before they come?"'.split(
    ' ',
  );

/** Writes numbered sentences of a given size in bytes; no two stretches are equal. */
export function generateText(path: string, bytes: number): void {
  let text = '';
  for (let number = 1; text.length < bytes; number++) {
    const sentence = Array.from(
      { length: 18 },
      (_, place) => words[(number * 7 + place * (1 + (number % 11))) % words.length],
    );
    text += `${number}. ${sentence.join(' ')}\n\n`;
  }
  writeFileSync(path, text.slice(0, bytes));
}
