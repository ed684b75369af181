import { expect, test } from 'vitest';
import { bandwidth } from '../src/index.ts';

test.each([
  ['10Gbit', 1.25e9],
  ['10 Gbit', 1.25e9],
  ['1.2GB', 1.2e9],
  ['100Mbit/s', 12.5e6],
  ['8kbit', 1000],
])('%s is %d bytes a second', (text, bytes) => {
  expect(bandwidth(text)).toBeCloseTo(bytes, 6);
});

test.each(['10', 'Gbit', '10Gib', '-1Gbit', '1e3Mbit'])('%s is no bandwidth', (text) => {
  expect(() => bandwidth(text)).toThrow(/is no bandwidth; write 10Gbit, or 1\.2GB\./);
});
