import type { loadKoffi } from './native-files.cjs';

/** glibc's M_MMAP_THRESHOLD: blocks of so many bytes and more are mapped one by one. */
const option = -3;
const bytes = 512 * 1024;
/** Settings of a user, none of which is to be changed. */
const settings = /^MALLOC_(MMAP_THRESHOLD|MMAP_MAX|TRIM_THRESHOLD|TOP_PAD)_$/;
const tunables = /glibc\.malloc\.(mmap_threshold|mmap_max|trim_threshold|top_pad)=/;

/**
 * Lets glibc give large blocks back to the system as soon as they are freed (mallopt(3)). Left alone it raises that limit with every
 * larger block that is freed, to 32 MiB, and keeps what lies below it: a model's peak of memory grows by what was freed before.
 */
export function giveBackLargeBlocks(koffi: ReturnType<typeof loadKoffi>): void {
  const isSet = Object.keys(process.env).some((name) => settings.test(name));
  if (process.platform !== 'linux' || isSet || tunables.test(process.env.GLIBC_TUNABLES ?? '')) return;
  try {
    koffi.load(null).func('int mallopt(int option, int value)')(option, bytes);
  } catch {
    // Another C library.
  }
}
