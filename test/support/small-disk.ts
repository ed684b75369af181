import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of a size of its own, in memory. `mounted` is false where this process may mount none. */
export class SmallDisk {
  readonly directory = mkdtempSync(join(tmpdir(), 'dynact-disk-'));
  readonly mounted: boolean;
  readonly #bytes: number;
  readonly #filler = join(this.directory, 'filler');

  constructor(bytes: number) {
    this.#bytes = bytes;
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', this.directory]);
    this.mounted = mount.status === 0;
  }

  /** Deletes everything and leaves room for so many bytes, in pages of 4 096. */
  refill(left: number): void {
    execFileSync('mount', ['-o', 'remount,rw', this.directory]);
    for (const name of readdirSync(this.directory)) rmSync(join(this.directory, name), { recursive: true });
    writeFileSync(this.#filler, Buffer.alloc(this.#bytes - left));
  }

  /** Takes what room there is. */
  fill(): void {
    // More than fits: a part is written until the disk is full.
    spawnSync('sh', ['-c', `cat /dev/zero >>'${this.#filler}'`]);
  }

  /** Gives all room back that nobody else uses. */
  empty(): void {
    rmSync(this.#filler);
  }

  refuseWrites(): void {
    execFileSync('mount', ['-o', 'remount,ro', this.directory]);
  }

  remove(): void {
    if (this.mounted) execFileSync('umount', ['-l', this.directory]);
    rmSync(this.directory, { recursive: true });
  }
}
