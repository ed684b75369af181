import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { expect, test } from 'vitest';
import { jsonSchemas } from './json-schemas.ts';

test.each(jsonSchemas().map((schema) => [relative(process.cwd(), schema.path), schema] as const))(
  '%s is current: `pnpm schemas` writes it',
  (_, { path, text }) => {
    expect(readFileSync(path, 'utf8')).toBe(text);
  },
);
