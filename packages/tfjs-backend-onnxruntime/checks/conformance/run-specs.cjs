// Runs a bundle of specs with jasmine and writes what became of each: node run-specs.cjs <bundle> <results.json>
const { writeFileSync } = require('node:fs');
const Jasmine = require('jasmine');

const [bundle, resultsFile] = process.argv.slice(2);
const specs = [];
const runner = new Jasmine();
runner.loadConfig({ random: false });
runner.exitOnCompletion = false;
runner.clearReporters();
runner.addReporter({
  specDone({ fullName, status, failedExpectations }) {
    specs.push({ name: fullName, status, message: failedExpectations[0]?.message.split('\n')[0] });
  },
});
runner.addSpecFile(bundle);
runner.execute().then(
  () => {
    writeFileSync(resultsFile, JSON.stringify(specs));
    process.exit(0);
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
