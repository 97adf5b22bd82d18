// Preloaded into the process under test: writes its highest resident memory in bytes when it ends.
// VmHWM and not getrusage: ru_maxrss of a fresh process starts at what its parent held when it forked.
const { readFileSync, writeFileSync } = require('node:fs');
process.on('exit', () => {
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  if (process.env.PEAK_MEMORY_FILE && peak) writeFileSync(process.env.PEAK_MEMORY_FILE, String(Number(peak[1]) * 1024));
});
