import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const path = '/usr/bin/chromium';
/** CI must not pass without a browser; a developer's machine may lack one. */
export const isSkipped = !existsSync(path) && process.env.CI !== 'true';
if (isSkipped) console.warn(`browser tests skipped: ${path} is missing; \`pnpm setup:system\` installs it`);

/** Debian's Chromium, which asks nobody anything. */
export function launch(...further: string[]): Promise<Browser> {
  if (!existsSync(path)) throw new Error(`${path} is missing; \`pnpm setup:system\` installs it`);
  return chromium.launch({
    executablePath: path,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // WebGL in software, where there is no graphics card.
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      // Drawn by that software, a canvas of many lines stands still for minutes.
      '--disable-accelerated-2d-canvas',
      ...further,
    ],
  });
}
