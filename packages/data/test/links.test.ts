import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { documentsOf, prepareSmall, wholeTextOf } from './support/prepare.ts';

const text = (name: string) => `Text of ${name}, long enough to be split into three. `.repeat(5).trim();

function write(path: string, content = text(path)): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** A folder `corpus` inside a temporary one. */
function corpus(): { around: string; folder: string } {
  const around = temporaryFolder();
  const folder = join(around, 'corpus');
  mkdirSync(folder);
  return { around, folder };
}

async function documents(folder: string): Promise<string[]> {
  return (await wholeTextOf(await prepareSmall(folder, temporaryFolder()))).split('<|endoftext|>').slice(0, -1);
}

describe('links are followed:', () => {
  test('a snapshot of the Hugging Face cache, links to blobs and nothing else', async () => {
    const { around } = corpus();
    const repository = join(around, 'datasets--someone--stories');
    const snapshot = join(repository, 'snapshots', 'abc', 'data');
    for (const [blob, name] of [
      ['1f', 'train-00000-of-00001.jsonl'],
      ['2e', 'validation-00000-of-00001.jsonl'],
      ['3d', 'test-00000-of-00001.jsonl'],
    ]) {
      write(join(repository, 'blobs', blob!), `${JSON.stringify({ text: `Text of ${name}` })}\n`);
      link(`../../../blobs/${blob}`, join(snapshot, name!));
    }
    const dataset = await prepareSmall(dirname(snapshot), temporaryFolder());
    expect(await documentsOf(dataset, 'train')).toEqual(['Text of train-00000-of-00001.jsonl']);
    expect(await documentsOf(dataset, 'test')).toEqual(['Text of test-00000-of-00001.jsonl']);
  });

  test('a file beside others', async () => {
    const { around, folder } = corpus();
    write(join(folder, 'a.txt'), text('a'));
    write(join(around, 'elsewhere', 'x'), text('x'));
    link(join(around, 'elsewhere', 'x'), join(folder, 'b.txt'));
    expect(await documents(folder)).toEqual([text('a'), text('x')]);
  });

  test('a link to a link', async () => {
    const { around, folder } = corpus();
    write(join(around, 'x'), text('x'));
    link('../x', join(around, 'one', 'y'));
    link('../one/y', join(folder, 'a.txt'));
    expect(await documents(folder)).toEqual([text('x')]);
  });

  test('a folder', async () => {
    const { around, folder } = corpus();
    write(join(around, 'elsewhere', 'deep', 'x.txt'), text('x'));
    write(join(folder, 'a.txt'), text('a'));
    link('../elsewhere', join(folder, 'b'));
    expect(await documents(folder)).toEqual([text('a'), text('x')]);
  });

  test('the corpus itself, as a folder and as a file', async () => {
    const { around, folder } = corpus();
    write(join(folder, 'a.txt'), text('a'));
    link(folder, join(around, 'folder'));
    link(join(folder, 'a.txt'), join(around, 'file.txt'));
    expect(await documents(join(around, 'folder'))).toEqual([text('a')]);
    expect(await documents(join(around, 'file.txt'))).toEqual([text('a')]);
  });

  test('what a wildcard matches', async () => {
    const { around, folder } = corpus();
    write(join(around, 'blobs', '1'), text('1'));
    link('../../blobs/1', join(folder, 'parts', 'a.txt'));
    write(join(around, 'other', 'b.txt'), text('2'));
    link('../../other', join(folder, 'parts', 'more'));
    const keys = {
      source: { kind: 'files', files: ['parts/**/*.txt'] },
      splits: { by: 'position', validation: 0.1, test: 0.1 },
    };
    write(join(folder, 'd.json'), JSON.stringify({ name: 'd', description: 'D', license: 'CC0-1.0', ...keys }));
    const dataset = await prepareSmall('d', folder);
    expect(dataset.manifest.source.files.map(({ name }) => name)).toEqual(['parts/a.txt', 'parts/more/b.txt']);
  });

  test('once, where folders go round in a circle', async () => {
    const { around, folder } = corpus();
    write(join(folder, 'a.txt'), text('a'));
    link('.', join(folder, 'self'));
    link('..', join(folder, 'up'));
    link(folder, join(folder, 'b', 'top'));
    mkdirSync(join(around, 'other'));
    link('../corpus', join(around, 'other', 'back'));
    expect(await documents(folder)).toEqual([text('a')]);
  });
});

describe('a link that leads nowhere is said:', () => {
  test.each([
    ['to nothing', 'none', /b\.txt is a link to nothing/],
    ['in a circle', 'b.txt', /b\.txt cannot be read \(ELOOP\)/],
    ['to a folder whose name has the ending of a text', '../corpus/c.txt', undefined],
  ])('%s', async (_, target, message) => {
    const { folder } = corpus();
    write(join(folder, 'a.txt'), text('a'));
    mkdirSync(join(folder, 'c.txt'));
    link(target, join(folder, 'b.txt'));
    if (message === undefined) expect(await documents(folder)).toEqual([text('a')]);
    else await expect(documents(folder)).rejects.toThrow(message);
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe(text('a'));
  });
});
