import { constants, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryPath, writeJsonAtomic } from '@dynact/files';
import { z } from 'zod';
import { splitNames, tokenFileName } from '../manifest.ts';

const journalSchema = z.strictObject({
  /** Digest of the input that the work so far was done on; any difference starts afresh. */
  key: z.string(),
  /** Tasks done, in order. */
  tasks: z.number().int().nonnegative(),
  tokens: z.strictObject({
    train: z.number().int().nonnegative(),
    validation: z.number().int().nonnegative(),
    test: z.number().int().nonnegative(),
  }),
});

/** How far a preparation has come, written after the tokens it speaks of are on the disk. */
export type Journal = z.infer<typeof journalSchema>;

const journalFile = 'journal.json';

/** The journal of an earlier attempt on the same input, or the start of a new one in an emptied folder. */
export function openJournal(directory: string, key: string): Journal {
  const path = join(directory, journalFile);
  if (existsSync(path)) {
    try {
      const journal = journalSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
      if (journal.key === key) {
        // A process that was stopped may still have the files open: it goes on with files that nobody sees.
        for (const split of splitNames) replaceByCopy(join(directory, tokenFileName(split)));
        return journal;
      }
    } catch {
      // Not a journal of this version: start afresh.
    }
  }
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  return { key, tasks: 0, tokens: { train: 0, validation: 0, test: 0 } };
}

export function writeJournal(directory: string, journal: Journal): void {
  writeJsonAtomic(join(directory, journalFile), journal);
}

export function removeJournal(directory: string): void {
  rmSync(join(directory, journalFile), { force: true });
}

function replaceByCopy(path: string): void {
  const copy = temporaryPath(path);
  copyFileSync(path, copy, constants.COPYFILE_FICLONE);
  renameSync(copy, path);
}
