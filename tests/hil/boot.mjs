// Packs the guest, boots it, and says what the cases in it say.
//   node boot.mjs [PATTERN]     called by `run`
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Image } from './image.mjs';
import { run } from './machine.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const build = path.join(root, 'build/hil');
const fetched = path.join(build, 'debian');
const pattern = process.argv[2] ?? '';
const seconds = 900;  // ten times what all cases take

// Tokens of a test need no rounds.
function secret(person) {
  const salt = crypto.randomBytes(16);
  const digest = crypto.pbkdf2Sync(`token-of-${person}`, salt, 1, 32, 'sha256').toString('hex');
  return `[person.${person}]\ntoken = "pbkdf2-sha256$1$${salt.toString('hex')}$${digest}"\n`;
}

function parents() {
  const rows = [...Array(10).keys()].map((i) => `P-0000${i},ACC-7731,ACME,${1 + (i % 2)},1000000000`);
  return ['parent,account,symbol,side,size', ...rows, ''].join('\n');
}

function pack(file) {
  const image = new Image();
  image.copy(path.join(here, 'guest/init'), 'init');
  image.copy(path.join(fetched, 'busybox'), 'bin/busybox');
  image.program(path.join(fetched, 'udev/udevadm'), 'bin/udevadm');
  for (const name of ['interlock', 'interlock-guard']) image.program(path.join(build, name), `bin/${name}`);
  image.program(path.join(build, 'tests/hil/hil'), 'bin/hil');
  image.program('/usr/sbin/nft', 'usr/sbin/nft');
  for (const module of fs.readdirSync(path.join(fetched, 'modules'))) {
    image.copy(path.join(fetched, 'modules', module), `modules/${module}`, 0o100644);
  }
  for (const rules of [
    ...['50-udev-default.rules', '60-persistent-input.rules'].map((name) => path.join(fetched, 'udev', name)),
    path.join(root, 'deploy/65-killswitch.rules'), path.join(here, 'guest/66-hil.rules'),
  ]) image.copy(rules, `lib/udev/rules.d/${path.basename(rules)}`, 0o100644);
  image.copy(path.join(root, 'tests/bench/gateway.toml'), 'etc/interlock/gateway.toml', 0o100644);
  image.put('etc/interlock/prices.txt', 'ACME 10.25\n');
  image.put('etc/interlock/parents.csv', parents());
  image.put('etc/interlock/positions.csv', 'account,symbol,quantity,cost\nACC-7731,ACME,1000000000,10.25\n');
  image.put('etc/interlock/restricted.csv', 'account,symbol,what\n');
  image.put('etc/interlock/secrets.toml', secret('first') + secret('second'));
  image.put('etc/passwd', 'root:x:0:0:root:/:/bin/sh\ninterlock:x:1000:1000::/:\n');
  image.put('etc/group', 'root:x:0:\ninterlock:x:1000:\nkillswitch:x:990:\n');
  image.put('etc/hil.pattern', pattern);
  image.tree('/usr/share/zoneinfo');
  image.write(file);
}

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'hil-'));
process.on('exit', () => fs.rmSync(place, { recursive: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
const initrd = path.join(place, 'initrd');
pack(initrd);
const status = await run({
  kernel: path.join(fetched, 'vmlinux'), initrd, place, seconds, show: (line) => console.log(line),
});
if (status === null) {
  console.log(fs.readFileSync(path.join(place, 'kernel.log'), 'utf8').slice(-4000));
  console.log('the machine ended before its cases did\n0 passed, 1 failed');
}
process.exitCode = status === 0 ? 0 : 1;
