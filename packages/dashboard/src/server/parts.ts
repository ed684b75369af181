import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** A file of the page as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** Whether this module runs as source in the clone, where nothing is built: then the page and the worker are built now. */
const isSource = extname(import.meta.url) === '.ts';

/** The page by path: as it was built, or from its sources. */
export async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const [script, style] = isSource ? await (await bundles()).bundlePage() : [built('page.js'), built('page.css')];
  return new Map<string, PageFile>([
    ['/', { type: 'text/html; charset=utf-8', body: html }],
    ['/page.js', { type: 'text/javascript; charset=utf-8', body: script }],
    ['/page.css', { type: 'text/css; charset=utf-8', body: style }],
    ['/favicon.ico', { type: 'image/svg+xml', body: icon }],
  ]);
}

/** The thread that reads logs. */
export async function startWorker(folders: readonly string[]): Promise<Worker> {
  if (!isSource) return new Worker(new URL('./worker.cjs', import.meta.url), { workerData: folders });
  return new Worker(await (await bundles()).bundleWorker(), { eval: true, execArgv: [], workerData: folders });
}

function bundles() {
  return import('./bundles.ts');
}

function built(name: string): Uint8Array {
  return readFileSync(new URL(`../page/${name}`, import.meta.url));
}

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>dynact</title>
<link rel="icon" href="/favicon.ico">
<link rel="stylesheet" href="/page.css">
</head>
<body><div id="page"><p class="loading">Reading the runs …</p></div><script type="module" src="/page.js"></script></body>
</html>
`;

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0072B2"/>
<path d="M2 4c4 0 4 7 12 7" fill="none" stroke="#fff" stroke-width="2"/></svg>`;
