// A directory that goes when its test is over, unless KEEP is set.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export function temporaryDirectory(t) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'interlock-interop-'));
  t.after(() => {
    if (process.env.KEEP) t.diagnostic(`kept ${dir}`);
    else fs.rmSync(dir, { recursive: true });
  });
  return dir;
}
