/** Runs examples one after another in this process, which loads the packages once; a form feed ends what each prints. */
const calls = JSON.parse(process.argv[2]!) as [string, ...string[]][];
for (const [example, ...parameters] of calls) {
  process.argv = [process.argv[0]!, example, ...parameters];
  await import(`../../${example}.ts`);
  console.log('\f');
}
