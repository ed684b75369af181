/** The page of `dynact export --format web`: continues a text, and shows what else could have come at each token. */
import { generateTokens, streamTexts } from '@dynact/transformer';
import { ExportedModel } from './exported-model.ts';
import { type Likely, likeliest } from './likeliest.ts';

const shownTokens = 6;

const text = element('text', HTMLElement);
const problem = element('problem', HTMLElement);
const button = element('write', HTMLButtonElement);
/** Stops the text that is being written, when another one begins. */
let writing: object | undefined;

try {
  const model = await ExportedModel.load();
  const { about } = model.description;
  element('about', HTMLElement).textContent = about;
  element('form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    void write(model).catch(fail);
  });
  button.disabled = false;
} catch (error) {
  fail(error);
}
text.addEventListener('keydown', move);

async function write(model: ExportedModel): Promise<void> {
  const mine = {};
  writing = mine;
  problem.textContent = '';
  const { tokenizer } = model;
  const { vocabularySize } = model.description;
  const prompt = element('prompt', HTMLTextAreaElement).value;
  text.replaceChildren(prompt);
  const choices: Likely[][] = [];
  const source = {
    generate: (prompts: readonly (readonly number[])[], options: Parameters<typeof streamTexts>[2]) =>
      generateTokens(
        async ([sequence]) => {
          const logits = await model.next(sequence!);
          choices.push(likeliest(logits, shownTokens));
          return [logits];
        },
        prompts,
        { ...options, vocabularySize, batch: 1 },
      ),
  };
  const pieces = streamTexts(source, [tokenizer.encode(prompt)], {
    maximumTokens: number('tokens'),
    temperature: number('temperature'),
    seed: number('seed'),
    endOfText: tokenizer.endOfText,
    tokenBytes: (token) => tokenizer.tokenBytes(token),
    decode: (tokens) => tokenizer.decode(tokens),
  });
  for await (const [piece] of pieces) {
    if (writing !== mine) return;
    if (piece!.text !== '') show(piece!.text, choices.splice(0), model);
    // The browser draws between two tokens.
    await new Promise((resolve) => setTimeout(resolve));
  }
  text.dataset.done = String(text.childElementCount);
}

/** Adds a piece of text; more than one choice belongs to it where a character took several tokens. */
function show(piece: string, choices: readonly Likely[][], model: ExportedModel): void {
  const span = document.createElement('span');
  span.textContent = piece;
  span.tabIndex = -1;
  const tell = () => tabulate(choices, model);
  span.addEventListener('mouseenter', tell);
  span.addEventListener('focus', tell);
  text.append(span);
}

function tabulate(choices: readonly Likely[][], model: ExportedModel): void {
  const table = document.createElement('table');
  for (const { token, probability } of choices[0] ?? []) {
    const row = table.insertRow();
    const name = token === model.tokenizer.endOfText ? 'the end' : JSON.stringify(model.tokenizer.decode([token]));
    row.insertCell().textContent = name;
    row.insertCell().textContent = `${(100 * probability).toFixed(1)} %`;
  }
  element('likely', HTMLElement).replaceChildren(table);
}

/** Goes from token to token by the arrow keys. */
function move(event: KeyboardEvent): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  if (step === 0) return;
  const spans = [...text.querySelectorAll('span')];
  const at = spans.indexOf(document.activeElement as HTMLSpanElement);
  spans[Math.min(Math.max(at + step, 0), spans.length - 1)]?.focus();
  event.preventDefault();
}

function number(id: string): number {
  return element(id, HTMLInputElement).valueAsNumber;
}

function fail(error: unknown): void {
  problem.textContent = error instanceof Error ? error.message : String(error);
}

function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no "${id}"`);
  return found;
}
