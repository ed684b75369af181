import { serveJob } from '../../../src/executors/serve-job.ts';

/** Works until it is told to end, and says so. */
serveJob(async (_job, { signal, onEvent }) => {
  onEvent({ kind: 'start', step: 0, steps: 1 });
  await new Promise((resolve) => {
    const idle = setInterval(() => {}, 1000);
    signal.addEventListener('abort', () => {
      clearInterval(idle);
      process.stdout.write('saved');
      resolve(undefined);
    });
  });
});
