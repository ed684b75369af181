import { Writable } from 'node:stream';

/** A terminal that knows the escapes that progress writes: up, clear the line, clear below. */
export class Screen {
  readonly stream: NodeJS.WriteStream;
  #lines: string[] = [''];
  #row = 0;

  constructor(columns: number, rows: number, isTTY = true) {
    const writable = new Writable({ decodeStrings: false, write: (text: string, _, done) => done(this.#show(text)) });
    this.stream = Object.assign(writable, { columns, rows, isTTY }) as unknown as NodeJS.WriteStream;
  }

  /** All that was ever shown, what scrolled away included. */
  lines(): string[] {
    return this.#lines.at(-1) === '' ? this.#lines.slice(0, -1) : this.#lines;
  }

  #show(text: string): null {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes begin with one
    for (const part of text.split(/(\x1b\[\d*[A-Z]|\n)/)) {
      if (part === '\n') {
        this.#row += 1;
        this.#lines[this.#row] ??= '';
      } else if (part === '\x1b[2K') this.#lines[this.#row] = '';
      else if (part === '\x1b[J') this.#lines = [...this.#lines.slice(0, this.#row), ''];
      else if (part.endsWith('A') && part.startsWith('\x1b')) this.#row -= Number.parseInt(part.slice(2), 10);
      else this.#lines[this.#row] += part;
    }
    return null;
  }
}
