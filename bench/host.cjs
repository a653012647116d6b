// Runs the handler of a bundle as Lambda does, one event at a time, JSON in and JSON out, and says what each event cost.
// Plain JavaScript, since stripping types would take memory and time of the process that is measured.
const { performance } = require('node:perf_hooks');
const { handler } = require(process.argv[2]);

process.on('message', async (event) => {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const answer = JSON.stringify(await handler(JSON.parse(event)));
  const { user, system } = process.cpuUsage(before);
  const wallSeconds = (performance.now() - startedAt) / 1_000;
  process.send({ answer, cpuSeconds: (user + system) / 1e6, wallSeconds });
});
process.once('disconnect', () => process.exit());
process.send('loaded');
