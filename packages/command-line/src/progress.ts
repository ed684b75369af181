import { duration } from './duration.ts';
import { printable } from './text.ts';

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

/** A part of the work, and how long its rest will take. */
class Task {
  /** Place and time of the first update: what came before it, such as compiling the first step, happens once. */
  #first: readonly [done: number, at: number] | undefined;
  readonly name: string;
  readonly total: number;
  done: number;
  note = '';

  constructor(name: string, total: number, done: number) {
    [this.name, this.total, this.done] = [name, total, done];
  }

  update(done: number, note: string): void {
    this.#first ??= [done, performance.now()];
    [this.done, this.note] = [done, note];
  }

  get left(): string | undefined {
    const [begin, startedAt] = this.#first ?? [this.done, 0];
    const [made, rest] = [this.done - begin, this.total - this.done];
    if (made <= 0 || rest <= 0) return undefined;
    return `${duration(((performance.now() - startedAt) / made) * rest)} left`;
  }
}

/** Bars that are redrawn in place; where they are more than the terminal has rows, full ones scroll away. */
function terminalProgress(stream: NodeJS.WriteStream): Progress {
  const [everyMs, barWidth] = [100, 30];
  let tasks: Task[] = [];
  let drawn = 0;
  let drawnAt = -everyMs;
  const bar = ({ name, total, done, note, left }: Task) => {
    const share = total > 0 ? Math.min(1, done / total) : 0;
    const full = Math.round(share * barWidth);
    const parts = [`${Math.floor(100 * share)} %`, `${done}/${total}`, left, note];
    const text = `${name} ${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${parts.filter(Boolean).join(' | ')}`;
    // A line that wraps could not be found again.
    return `\x1b[2K${text.slice(0, (stream.columns || 80) - 1 || 1)}\n`;
  };
  const draw = () => {
    const room = Math.max(1, stream.rows - 1);
    const gone = tasks.filter(({ done, total }) => done >= total).slice(0, Math.max(0, tasks.length - room));
    tasks = tasks.filter((task) => !gone.includes(task));
    const shown = tasks.slice(0, room);
    stream.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}${[...gone, ...shown].map(bar).join('')}\x1b[J`);
    [drawn, drawnAt] = [shown.length, performance.now()];
  };
  return {
    line(name, total, done = 0) {
      const task = new Task(name, total, done);
      tasks.push(task);
      return {
        update(value, note = task.note) {
          task.update(value, note);
          if (performance.now() - drawnAt >= everyMs) draw();
        },
        milestone(note) {
          task.note = note;
          draw();
        },
      };
    },
    stop() {
      if (tasks.length > 0) draw();
      [tasks, drawn] = [[], 0];
    },
  };
}

/** Milestones as they come, and a line every few seconds with the time left. */
function plainProgress(stream: NodeJS.WriteStream): Progress {
  const everyMs = 10_000;
  return {
    line(name, total, start = 0) {
      const task = new Task(name, total, start);
      let lastAt = performance.now();
      const milestone = (text: string) => {
        stream.write(`${[`${name}: ${task.done}/${total}`, text, task.left].filter(Boolean).join(', ')}\n`);
        lastAt = performance.now();
      };
      return {
        update(done, note = '') {
          task.update(done, note);
          if (performance.now() - lastAt >= everyMs) milestone(note);
        },
        milestone,
      };
    },
    stop() {},
  };
}
