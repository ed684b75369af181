/** Takes the lock of a folder and holds it until its input ends. Exit code 2: refused. */
import { lockFolder } from '../../../src/index.ts';

try {
  const lock = lockFolder(process.argv[2]!);
  console.log('locked');
  process.stdin.on('end', () => lock.release());
  process.stdin.resume();
} catch (error) {
  console.log(String(error));
  process.exitCode = 2;
}
