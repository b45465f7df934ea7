// Each call to the disk fails once, or takes its time: the gateway refuses to start, or ends
// killed, or is unharmed; and its next start knows all that is at the venue. FULL=1: each call with
// each error; else they take turns.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeFloor, power } from './floor.mjs';
import { waitFor } from '../../interop/wait.mjs';

const orders = 6;
// The calls of a run, and how often any one thread of it makes them at most.
const calls = ['openat', 'fallocate', 'ftruncate', 'pwrite64', 'fdatasync', 'msync', 'fsync',
  'rename', 'renameat2'];
const most = Number(process.env.MOST ?? 60);

// What one run under `inject` comes to: the first, or the next after an orderly one with open orders.
async function run(floor, inject, again) {
  if (again) {
    assert.ok(await floor.start(), floor.log());
    assert.ok(await floor.arm());
    assert.ok(await floor.trade(await floor.router(), orders));
    await floor.kill('SIGTERM');
    assert.equal(floor.exit, 0, floor.log());
  }
  if (!await floor.start(inject)) return 'refused to start';
  if (again) await floor.covers();
  let how = 'unharmed';
  if (again || await floor.arm()) {
    const router = await floor.router();
    if (!await floor.trade(router, orders)) how = 'stopped';
  } else {
    how = 'not armed';
  }
  // What it has written has to fail: it is killed within moments, or gone.
  const hit = floor.calls().some((line) => line.includes('-1 E') && (/msync\(/.test(line) ||
    (/audit\/(journal|seal)/.test(line) && /(fdatasync|fsync|pwrite64)\(/.test(line))));
  if (hit && how !== 'not armed') {
    await waitFor('the firm to be killed', async () => floor.exit !== null ||
      (await floor.state()).kills.some(({ scope, level }) => scope === 'firm' && level === 'kill'));
    how = 'killed';
  }
  // Whatever happened, a kill is answered with a shut gate, and stored in the end.
  if (floor.exit === null) {
    const firm = (await floor.state()).kills.filter(({ scope }) => scope === 'firm');
    if (how === 'unharmed' && firm.length > 0) how = 'killed';
    const killed = await floor.ask('POST', '/api/v1/kill', { reason: 'test' });
    assert.notEqual(killed.kill_id, undefined, JSON.stringify(killed));
    await waitFor('it to show', async () => (await floor.state()).state === 'killed');
    await waitFor('the kill to be stored', async () =>
      (await floor.ask('POST', '/api/v1/kill', { reason: 'test' })).persisted);
  }
  return floor.exit === null ? how : `ended (${floor.exit}), ${how}`;
}

function fails(call, error, when, again) {
  const place = again ? 'at a restart' : 'at a first start';
  test(`${call} fails with ${error} ${place}, and after it`, async (t) => {
    const counts = {};
    for (let n = 1; n <= most; ++n) {
      if (!process.env.FULL && !when(n)) continue;
      const floor = await makeFloor(t, { edit: n % 4 < 2 ? power : undefined });
      const how = await run(floor, `${call}:error=${error}:when=${n}`, again);
      const hit = floor.calls();
      if (process.env.TELL) t.diagnostic(`${n} ${how}: ${hit.join(' | ')}`);
      await floor.kill();
      await floor.recovers(again && how === 'refused to start');
      await floor.end();
      if (hit.length === 0) break; // no thread makes that many
      counts[how] = (counts[how] ?? 0) + 1;
    }
    t.diagnostic(JSON.stringify(counts));
  });
}

for (const again of [false, true]) {
  for (const call of calls) {
    fails(call, 'EIO', (n) => n % 2 === 1, again);
    fails(call, 'ENOSPC', (n) => n % 2 === 0, again);
  }
}
