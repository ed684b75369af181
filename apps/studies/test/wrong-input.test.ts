import { Interrupted } from '@dynact/command-line';
import { InputError } from '@dynact/files';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { studies } from '../src/studies.ts';

const depth = studies.find(({ name }) => name === 'depth')!;
const languageGates = studies.find(({ name }) => name === 'language-gates')!;

/** Runs that end before they begin: what is wrong must be found before. */
function run(set: readonly string[], out: string, study = depth): Promise<unknown> {
  const options = { out, size: 'quick', set, jobs: 0, signal: AbortSignal.abort() } as const;
  return study.run(options).catch((error: unknown) => error);
}

describe('wrong settings are one line that names them', () => {
  test.each([
    [depth, 'widht=8', 'study depth: Unrecognized key: "widht"'],
    [depth, 'layers=[0]', 'study depth: layers[0]: Too small'],
    [depth, 'steps=many', 'study depth: steps: expected number'],
    [languageGates, 'rates=[]', 'study language-gates: rates: Too small'],
  ])('%#: %s', async (study, setting, message) => {
    const error = await run([setting], temporaryFolder(), study);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toContain(message);
    expect((error as InputError).message).not.toContain('\n');
  });
});

test('a folder goes on with the same settings and more runs, and refuses other settings', async () => {
  const out = temporaryFolder();
  const more = ['seeds=[0,1]', 'activations={"silu":{"name":"silu"}}'];
  expect(await run([], out)).toBeInstanceOf(Interrupted);
  expect(await run(more, out)).toBeInstanceOf(Interrupted);
  const error = await run([...more, 'width=8'], out);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).message).toMatch(
    /holds a comparison with [\w.]*settings\.width \d+, not 8; choose another --out/,
  );
});
