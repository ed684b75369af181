/**
 * A model behind node:http that streams as it writes: `generate-server.ts runs/dear 8080`, then
 * `curl -N 'http://127.0.0.1:8080/?prompt=Dear'`. It answers this machine alone.
 */
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { loadRun, streamSamples } from '@dynact/api';

const [folder = 'runs/dear', port = '8080'] = process.argv.slice(2);
const loaded = await loadRun(folder);

async function* write(prompt: string): AsyncGenerator<string> {
  yield prompt;
  for await (const [piece] of streamSamples(loaded, [prompt], { maxTokens: 100, seed: Date.now() % 2 ** 32 }))
    if (piece!.text !== '') yield piece!.text;
  yield '\n';
}

/** One text takes all cores: each request waits for those before it. */
let before: Promise<void> = Promise.resolve();

const server = createServer((request, response) => {
  const prompt = new URL(request.url ?? '/', 'http://localhost').searchParams.get('prompt');
  if (!prompt || prompt.length > 10_000) {
    response.writeHead(400).end('give ?prompt=, a text of up to 10 000 characters\n');
    return;
  }
  before = before.then(async () => {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    // Who goes away ends their text; the pipeline stops the generator.
    await pipeline(write(prompt), response).catch(() => {});
  });
});
server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : port}/?prompt=Dear`);
});
