// Where a test works: a directory, and what has to end when the test does, the last first.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export function makePlace(t) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'interlock-interop-'));
  const endings = [];
  const close = async () => {
    const failures = [];
    while (endings.length > 0) await endings.pop()().catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  t.after(async () => {
    await close().finally(() => {
      if (process.env.KEEP) t.diagnostic(`kept ${dir}`);
      else fs.rmSync(dir, { recursive: true });
    });
  });
  return { dir, close, atEnd: (end) => endings.push(end) };
}
