// Runs on any Node, however old, before the first TypeScript file is met: without it a machine for which
// npm has no Node 24 would only say ERR_UNKNOWN_FILE_EXTENSION. A built package says another floor by BUILT_FOR_NODE.
const needed = typeof BUILT_FOR_NODE === 'undefined' ? 24 : BUILT_FOR_NODE;
const major = Number(process.versions.node.split('.')[0]);
if (major < needed) {
  const why =
    needed < 24
      ? ''
      : `: npm brought none for ${process.platform}-${process.arch}, since it has none or optional dependencies were left out`;
  console.error(
    `switchover needs Node ${needed} and found ${process.versions.node}${why}. Install Node 24 from https://nodejs.org, and run this again.`,
  );
  process.exit(1);
}
