// A worker that does as its job's seed says, without training anything.
process.once('message', ({ config: { seed }, directory }) => {
  const end = (message) => process.send(message, () => process.disconnect());
  let idle;
  const say = (event) => process.send({ kind: 'event', event });
  process.on('SIGTERM', () => {
    clearInterval(idle);
    say({ kind: 'record', record: { kind: 'train', step: 1 } });
    end({ kind: 'result' });
  });
  switch (seed) {
    case 0:
      say({ kind: 'start', step: 0, steps: 1 });
      return end({ kind: 'result' });
    case 1:
      return end({ kind: 'error', message: `${directory} is of no use`, isWrongInput: true });
    case 2:
      return process.kill(process.pid, 'SIGKILL');
    case 3:
      return process.exit(7);
    default:
      // Until it is told to stop, which it says that it heard.
      idle = setInterval(() => {}, 1000);
      return say({ kind: 'start', step: 0, steps: 1 });
  }
});
