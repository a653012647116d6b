// Runs on any Node, however old, before the first TypeScript file is met: without it a machine for which
// npm has no Node 24 would only say ERR_UNKNOWN_FILE_EXTENSION.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `switchover needs Node 24 and found ${process.versions.node}: npm has no Node 24 for ${process.platform}-${process.arch} ` +
      '(or optional dependencies were left out), so install Node 24 from https://nodejs.org and run this again.',
  );
  process.exit(1);
}
