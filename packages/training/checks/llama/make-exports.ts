/**
 * Writes four Llama folders and what this project makes of prompts and texts, for check-llama.py:
 *
 *     pnpm --filter @dynact/training exec tsx --conditions=@dynact/source checks/llama/make-exports.ts FOLDER
 */
import '@tensorflow/tfjs';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTokenizer } from '@dynact/data';
import { uniformStream } from '@dynact/nn';
import { compile, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import { Gpt, generate, modelConfigSchema, resolveModelConfig } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { exportLlama } from '../../src/index.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('name a folder to write to');
registerOnnxRuntimeBackend();
await tf.setBackend('onnxruntime');

const prompts = [
  'Emma said that she would',
  'The ship lay in the harbour;\n\nno wind stirred, and the captain',
  'Größe, naïveté and Ünïcödé: 1 234,56 €',
  '“It’s not possible,” he’d answered. \t 你好 🙂',
];

const models = {
  'grouped-queries-untied': { kvHeads: 2, tieEmbeddings: false, normEpsilon: 1e-5 },
  'all-heads-tied': { ropeBase: 50_000 },
};

for (const [name, options] of Object.entries(models)) {
  for (const vocabularySize of [1000, 50_257]) {
    const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize });
    // Initial values large enough that every part of the model moves the logits.
    const initialization = { standardDeviation: 0.1, embeddingStandardDeviation: 0.2 };
    const config = { layers: 3, width: 64, heads: 4, context: 128, initialization, ...options };
    const model = new Gpt(resolveModelConfig(modelConfigSchema.parse(config), vocabularySize), 11);
    const directory = join(folder, `${name}-${vocabularySize}`);
    await exportLlama(model, tokenizer, directory);
    const cases = [];
    for (const prompt of prompts) {
      const ids = tokenizer.encode(prompt);
      const logits = tf.tidy(() => Array.from(model.logits(tf.tensor2d([ids], undefined, 'int32')).dataSync()));
      const greedy: number[] = [];
      for await (const token of generate(model, ids, { maximumTokens: 32, temperature: 0, seed: 0, compile })) {
        greedy.push(token);
      }
      cases.push({ prompt, ids, logits, greedy });
    }
    const texts = sampleTexts().map((text) => ({ text, ids: tokenizer.encode(text) }));
    mkdirSync(join(folder, 'expected'), { recursive: true });
    writeFileSync(join(folder, 'expected', `${name}-${vocabularySize}.json`), JSON.stringify({ cases, texts }));
    model.dispose();
  }
}

/** 200 texts of words, many scripts, marks, digits, emoji and every kind of white space. */
function sampleTexts(): string[] {
  const uniform = uniformStream(0, 'texts');
  const pieces = [
    ...['the', ' and', " don't", " I'LL", 'Emma', ' Darcy', 'naïve', ' Straße', 'été', ' Ωμέγα', 'Привет', ' мир'],
    ...[
      '你好',
      '世界',
      'こんにちは',
      ' 한국어',
      'مرحبا',
      'שלום',
      'हिन्दी',
      'ไทย',
      '🙂',
      '👩‍👩‍👧',
      '🇫🇷',
      'e\u0301',
      'ﬁ',
      'ǅ',
      'Ⅷ',
      '½',
    ],
    ...[
      '0',
      '12',
      '3456',
      '٣٤',
      '²',
      '.',
      ',',
      '...',
      '--',
      '—',
      '’s',
      "'re",
      '"',
      '“',
      '(',
      ')',
      '[]',
      '{}',
      '<|',
      '|>',
      '#',
      '@',
      '€',
    ],
    ...[
      ' ',
      '  ',
      '   ',
      '\n',
      '\n\n',
      '\r\n',
      '\t',
      '\v',
      '\f',
      '\u00a0',
      '\u2003',
      '\u2028',
      '\u3000',
      '\u0085',
      '\u200b',
      '\ufeff',
      '\u0000',
    ],
  ];
  return Array.from({ length: 200 }, () =>
    Array.from({ length: 1 + Math.floor(uniform() * 24) }, () => pieces[Math.floor(uniform() * pieces.length)]).join(
      '',
    ),
  );
}
