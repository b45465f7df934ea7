// A newcomer's first hour: the commands of the README, in their order, with what they print.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { makePlace } from '../interop/place.mjs';
import { waitFor } from '../interop/wait.mjs';
import { Peer, Venue, fieldsOf, get } from '../faults/peer.mjs';

const program = path.resolve(process.env.INTERLOCK);
const readme = fs.readFileSync(path.join(import.meta.dirname, '../../README.md'), 'utf8');

function interlock(words, { cwd, token, exit = 0 } = {}) {
  const { status, stdout, stderr } = spawnSync(program, words,
    { cwd, encoding: 'utf8', env: { ...process.env, INTERLOCK_TOKEN: token ?? '' } });
  assert.equal(status, exit, `interlock ${words.join(' ')}: ${status}\n${stdout}${stderr}`);
  return stdout + stderr;
}

test('each command that the README names is one, with these options', () => {
  const commands = new Set([...readme.matchAll(/`interlock ([a-z][a-z -]*[a-z])/g)].map(([, words]) => words));
  for (const [, line] of readme.matchAll(/^(?:sudo )?interlock (init|check|run)\b/gm)) commands.add(line);
  assert.ok(commands.size >= 14, [...commands].join());
  for (const words of commands) {
    const known = words.split(' ').filter((word) => !word.startsWith('-'));
    // What follows a command may be a word for it (everything, router).
    const depth = known.findIndex((_, i) => i > 0
      && !interlock(['--help'].toSpliced(0, 0, ...known.slice(0, i))).includes(`\n  ${known[i]} `));
    const command = depth < 0 ? known : known.slice(0, depth);
    assert.ok(interlock([]. concat(command, '--help')).includes(`Usage: interlock ${command.join(' ')}`), words);
  }
});

test('the demo ends in a blocked order and a killed router, as the README shows', { timeout: 120_000 }, () => {
  const said = interlock(['demo', '--script', '--no-color']);
  for (const what of [/BLOCK {2}R1-2 .*ORDER_QTY: quantity 900000 is over 100000 of symbol ACME/,
    /BLOCK {2}R1-18 .*PARENT_FILL: child 100 makes 1300 of parent P-1's 1200/,
    /KILL {3}router R1, automatic/]) {
    assert.match(said, what);
    assert.match(readme, what);
  }
});

test('init, check, run, a refused order, kill, re-arm, verify', { timeout: 180_000 }, async (t) => {
  const { dir, atEnd } = makePlace(t);
  const said = interlock(['init'], { cwd: dir });
  const [first, second, password] = ['the person first', 'the person second', 'router R1']
    .map((of) => said.match(new RegExp(`${of} +(\\S+)`))[1]);

  // --- a mistake, and what it is called ---
  const file = path.join(dir, 'gateway.toml');
  const good = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, good.replace('max_order_qty = 100_000', 'max_order_qyt = 100_000'));
  const lineOf = (key) => good.split('\n').findIndex((text) => text.startsWith(key)) + 1;
  const line = lineOf('max_order_qty');
  const wrong = interlock(['check', 'gateway.toml'], { cwd: dir, exit: 1 });
  assert.match(wrong, new RegExp(`gateway.toml:${line}:\\d+`));
  assert.match(wrong, /max_order_qyt/);
  assert.match(wrong, /max_order_qty/, 'it says what was meant');
  interlock(['run', 'gateway.toml'], { cwd: dir, exit: 78 });
  fs.writeFileSync(file, good);
  interlock(['check', 'gateway.toml'], { cwd: dir });

  // --- a venue, the gateway, a router ---
  const venue = await new Venue({ ours: 'SIM', theirs: 'GW' }).listen(9101);
  atEnd(async () => venue.stop());
  const gateway = spawn('setpriv', ['--pdeathsig', 'KILL', program, 'run', 'gateway.toml'],
    { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [gateway.stdout, gateway.stderr]) stream.on('data', (bytes) => { log += bytes; });
  const ended = once(gateway, 'exit');
  atEnd(async () => { gateway.kill('SIGKILL'); await ended; });
  const ask = (words, more) => interlock([...words, '--config', 'gateway.toml'], { cwd: dir, ...more });
  const status = () => ask(['status']);
  await waitFor('the venue to be on', () => {
    assert.equal(gateway.exitCode, null, log);
    return /venue SIM on/.test(spawnSync(program, ['status', '--config', 'gateway.toml'], { cwd: dir, encoding: 'utf8' }).stdout);
  }, { seconds: 60 });
  assert.match(status(), /^KILLED/, 'a first start is killed');

  const rearm = async (reason) => {
    const shown = ask(['rearm', 'status']);
    const kill = shown.match(/kill (\d+)/)[1];
    const identity = shown.match(/--identity (\S+)/)?.[1];
    const more = identity ? ['--identity', identity] : [];
    ask(['rearm', 'begin', kill, '--reason', reason, ...more], { token: first });
    const same = ask(['rearm', 'approve', kill, ...more], { token: first, exit: 1 });
    assert.match(same, /a second, different person approves it/);
    ask(['rearm', 'approve', kill, ...more], { token: second });
    await waitFor('the gate to open', () => /^ARMED/.test(status()));
  };
  await rearm('first start');

  const router = await new Peer('R1', 'GW').connect(9012);
  atEnd(async () => router.close());
  const heard = [];
  router.onFrame = (frame, type) => { if (type === '8') heard.push(frame); };
  router.logOn([[553, 'R1'], [554, password]]);
  await waitFor('R1 to be on', () => router.on);
  const order = async (id, quantity, price = '10.00') => {
    router.say('D', fieldsOf([[11, id], [1, 7731], [526, 'P-1'], [55, 'ACME'], [54, 1], [38, quantity],
      [40, 2], [44, price], [60, '20261126-12:00:00']]));
    return waitFor(`an answer to ${id}`, () => heard.find((frame) => get(frame, 11) === id));
  };
  assert.equal(get(await order('a', 100), 150), 'F');
  assert.match(get(await order('b', 1_200), 58), /^PARENT_FILL: child 1200 makes 1300 of parent P-1's 1200/);
  const refused = get(await order('c', 100, '20.00'), 58);
  assert.match(refused, /^PRICE_COLLAR/);
  const record = refused.match(/B\d+$/)[0];
  assert.match(ask(['explain', record]), new RegExp(`price_collar of symbol ACME = 3 %, line ${lineOf('price_collar')} `));

  // --- stop, and go on ---
  assert.match(ask(['kill', 'everything']), /KILLED firm/);
  assert.match(get(await order('d', 1), 58), /^KILLED/);
  await rearm('the end of an exercise');
  assert.equal(get(await order('e', 1), 150), 'F');

  gateway.kill('SIGTERM');
  const [code] = await ended;
  assert.equal(code, 0, log);
  assert.match(interlock(['audit', 'verify', 'audit'], { cwd: dir }), /whole|verified|ok/i);
});
