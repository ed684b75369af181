import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { printable } from './printable.ts';

/** One line of progress: a part of the work with a name. */
export interface ProgressLine {
  update(done: number, note?: string): void;
  /** Something worth a line of its own where there is no bar. */
  milestone(text: string): void;
}

/** Where progress goes: always stderr, because stdout carries the result. */
export interface Progress {
  line(name: string, total: number, done?: number): ProgressLine;
  stop(): void;
}

/** Writes a line on stderr, if there is something to say. */
export function warn(message: string | undefined): void {
  if (message !== undefined) process.stderr.write(`${printable(message)}\n`);
}

/** Live bars with the time left on a terminal, plain lines otherwise. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? terminalProgress(stream) : plainProgress(stream);
}

function terminalProgress(stream: NodeJS.WriteStream): Progress {
  const bars = new MultiBar(
    {
      stream,
      format: '{name} {bar} {percentage} % | {value}/{total} | {eta_formatted} left | {note}',
      hideCursor: true,
      clearOnComplete: false,
      etaBuffer: 50,
      autopadding: true,
    },
    Presets.shades_classic,
  );
  return {
    line(name, total, done = 0) {
      const bar: SingleBar = bars.create(total, done, { name, note: '' });
      let note = '';
      return {
        update(value, text = note) {
          note = text;
          bar.update(value, { note });
        },
        milestone(text) {
          note = text;
          bar.update({ note });
        },
      };
    },
    stop: () => bars.stop(),
  };
}

/** Milestones as they come, and a line every few seconds with the time left. */
function plainProgress(stream: NodeJS.WriteStream): Progress {
  const everyMs = 10_000;
  return {
    line(name, total, start = 0) {
      const startedAt = performance.now();
      let lastAt = startedAt;
      let latest = start;
      const write = (text: string) => {
        const left = ((performance.now() - startedAt) / Math.max(1, latest - start)) * (total - latest);
        const time = latest > start && latest < total ? `, ${duration(left)} left` : '';
        stream.write(`${name}: ${latest}/${total}${text === '' ? '' : `, ${text}`}${time}\n`);
        lastAt = performance.now();
      };
      return {
        update(done, note = '') {
          latest = done;
          if (performance.now() - lastAt >= everyMs) write(note);
        },
        milestone: write,
      };
    },
    stop() {},
  };
}

/** `1 h 02 min`, `3 min 05 s`, `12 s` */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
  if (seconds >= 60) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${seconds} s`;
}
