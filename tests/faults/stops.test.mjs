// The program itself: a thread that stands, no memory, files that somebody takes away, and orderly
// stops under load.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { spawnSync } from 'node:child_process';
import { arm, runGateway } from '../interop/gateway.mjs';
import { field } from '../interop/record.mjs';
import { waitFor } from '../interop/wait.mjs';
import { freePort } from '../interop/tap.mjs';
import { answered, compIds, credentials, get, order, roundTrips, startFloor } from './floor.mjs';
import { Peer, fieldsOf } from './peer.mjs';

const here = import.meta.dirname;
const flags = fs.mkdtempSync('/tmp/interlock-faults-');
test.after(() => fs.rmSync(flags, { recursive: true }));

// A library that holds a thread while a file exists: `hold` and `let` make and remove it.
function holder(source, variable) {
  const library = path.join(flags, `${path.basename(source, '.c')}.so`);
  const made = spawnSync('gcc', ['-shared', '-fPIC', '-o', library, path.join(here, source), '-ldl'],
    { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  const flag = path.join(flags, variable);
  return {
    env: { LD_PRELOAD: library, [variable]: flag },
    hold: () => fs.writeFileSync(flag, ''),
    let: () => fs.rmSync(flag, { force: true }),
  };
}

test('fault 19: an event loop that stands is killed by another thread within a second',
  { timeout: 60_000 }, async (t) => {
    const loop = holder('stuck_thread.c', 'STUCK_LOOP');
    const floor = await startFloor(t, { env: loop.env });
    floor.atEnd(async () => loop.let());
    const router = await floor.router();
    await roundTrips(router, { ms: 200 });
    const latch = path.join(floor.dir, 'state/latch');
    const before = fs.readFileSync(latch);
    const sent = floor.venue.orders.length;

    const begun = performance.now();
    loop.hold();
    await waitFor('the latch to be written', () => !fs.readFileSync(latch).equals(before));
    const took = performance.now() - begun;
    t.diagnostic(`the latch was on disk ${took.toFixed(0)} ms after the loop stood`);
    assert.ok(took < 10_000);
    const late = answered(router, 'late', order('late'));
    loop.let();
    assert.match(get(await late, 58), /^KILLED/);
    assert.equal(floor.venue.orders.length, sent);
    const { state, kills } = await floor.state();
    assert.equal(state, 'killed');
    assert.ok(kills.some(({ cause }) => cause === 'the event loop stands'), JSON.stringify(kills));
  });

test('fault 19: HTTP threads that stand hold up no order, and no kill by signal',
  { timeout: 60_000 }, async (t) => {
    const http = holder('stuck_thread.c', 'STUCK_HTTP');
    const floor = await startFloor(t, { env: http.env });
    floor.atEnd(async () => http.let());
    const router = await floor.router();
    http.hold();
    const dead = floor.gateway.metrics().then(() => 'answered', () => 'failed');
    assert.equal(await Promise.race([dead, new Promise((resolve) => setTimeout(resolve, 500, 'waits'))]), 'waits');
    await roundTrips(router, { ms: 500 });
    floor.gateway.signal('SIGUSR1');
    await waitFor('an order to be refused', async () => {
      const id = `k${performance.now()}`;
      return get(await answered(router, id, order(id)), 39) === '8';
    });
    http.let();
    assert.equal(await dead, 'answered');
    assert.equal((await floor.state()).state, 'killed');
  });

test('fault 19: a journal whose thread stands blocks the firm by its age', { timeout: 60_000 },
  async (t) => {
    const disk = holder('../stops/stuck_disk.c', 'STUCK_DISK');
    const floor = await startFloor(t, {
      env: disk.env, edit: (text) => text.replace('journal = "none"', 'journal = "1 s"'),
    });
    floor.atEnd(async () => disk.let());
    const router = await floor.router();
    await roundTrips(router, { ms: 200 });
    disk.hold();
    const refused = await waitFor('an order to be refused', async () => {
      const id = `d${performance.now()}`;
      const frame = await answered(router, id, order(id));
      return get(frame, 39) === '8' && frame;
    });
    assert.match(get(refused, 58), /^BLOCKED/);
    const { kills } = await waitFor('the state', async () => {
      const state = await floor.state();
      return state.kills.length > 0 && state;
    });
    assert.match(kills[0].cause, /^LEDGER_STALE: records have not reached the disk/);
    disk.let();
  });

// Starts again what has died, and shows that it is killed and has lost nothing.
async function startsKilled(floor) {
  const again = await runGateway({ dir: floor.dir, atEnd: floor.atEnd, ports: floor.gateway.ports });
  const { state, kills } = await again.ask('GET', '/api/v1/state');
  assert.equal(state, 'killed', JSON.stringify(kills));
  const recorded = new Set(again.journal().map((record) => field(record, 'out_frame'))
    .filter((frame) => frame && get(frame, 35) === 'D').map((frame) => get(frame, 11)));
  for (const id of floor.venue.orders) assert.ok(recorded.has(id), `${id} is not in the journal`);
  return again;
}

// Of what can be written to: allocators keep addresses in stock, which are no memory yet.
const memoryLimit = (pid) => {
  const [, used] = /VmData:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, 'latin1'));
  const limited = spawnSync('prlimit', ['--pid', String(pid), `--data=${used * 1024}`]);
  assert.equal(limited.status, 0);
};

test('fault 20: without memory for orders the process ends, and starts killed',
  { timeout: 120_000 }, async (t) => {
    const floor = await startFloor(t);
    const router = await floor.router();
    floor.venue.onOrder = () => {};
    memoryLimit(floor.gateway.pid);
    for (let i = 0; floor.gateway.alive() && !router.closed; ++i) {
      assert.ok(i < 5_000, 'it never ran out of memory');
      for (let k = 0; k < 100; ++k) router.say('D', order(`m${i}-${k}`));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const how = await floor.gateway.ended;
    t.diagnostic(`it ended with ${how} after ${floor.venue.orders.length} orders`);
    assert.ok([70, 'SIGABRT', 'SIGSEGV', 'SIGBUS'].includes(how), `it ended with ${how}`);
    floor.gateway.expectedEnd = how;
    await startsKilled(floor);
  });

test('fault 20: without memory for an answer over HTTP the process ends, and starts killed',
  { timeout: 120_000 }, async (t) => {
    const floor = await startFloor(t);
    const router = await floor.router();
    await roundTrips(router, { ms: 200 });
    memoryLimit(floor.gateway.pid);
    const body = JSON.stringify({ scope: 'x'.repeat(60_000) });
    for (let i = 0; floor.gateway.alive(); ++i) {
      assert.ok(i < 3_000, 'it never ran out of memory');
      await Promise.all(Array.from({ length: 50 }, () => Promise.all([
        floor.gateway.metrics().catch(() => {}),
        fetch(`http://127.0.0.1:${floor.gateway.ports.console}/api/v1/kill`, { method: 'POST', body })
          .then((response) => response.text()).catch(() => {}),
      ])));
    }
    const how = await floor.gateway.ended;
    t.diagnostic(`it ended with ${how}`);
    floor.gateway.expectedEnd = how;
    await startsKilled(floor);
  });

test('fault 30: a file of the journal that somebody moves or removes is an alarm, and trading goes on',
  { timeout: 60_000 }, async (t) => {
    const floor = await startFloor(t);
    const router = await floor.router();
    await roundTrips(router, { ms: 200 });
    const audit = path.join(floor.dir, 'audit');
    const segment = path.join(audit, 'journal-00000001.seg');
    fs.renameSync(segment, path.join(audit, 'rotated'));
    await waitFor('the alarm', async () =>
      (await floor.gateway.ask('GET', '/api/v1/alerts')).alerts
        .some(({ kind, text }) => kind === 'journal-files' && /is gone/.test(text)));
    await roundTrips(router, { ms: 200 });
    fs.renameSync(path.join(audit, 'rotated'), segment);
    await floor.close();
    floor.gateway.verify();
  });

test('fault 30: a segment that is cut under the program ends it, and it starts killed or not at all',
  { timeout: 60_000 }, async (t) => {
    const floor = await startFloor(t);
    const router = await floor.router();
    await roundTrips(router, { ms: 200 });
    fs.truncateSync(path.join(floor.dir, 'audit/journal-00000001.seg'), 4096);
    for (let i = 0; floor.gateway.alive() && i < 2_000; ++i) {
      if (!router.closed) router.say('D', order(`c${i}`));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const how = await floor.gateway.ended;
    assert.equal(how, 'SIGBUS');
    floor.gateway.expectedEnd = how;
    const again = await runGateway({
      dir: floor.dir, atEnd: floor.atEnd, ports: floor.gateway.ports, end: 78,
    }).catch((error) => error);
    assert.match(String(again), /is damaged/);
  });

test('fault 37: SIGTERM under load: cancels, a whole journal, and the next start trades on',
  { timeout: 120_000 }, async (t) => {
    const floor = await startFloor(t, {
      edit: (text) => text.replace('on_start = "killed"', 'on_start = "resume_if_unchanged"')
        .replace('cancel_open = false', 'cancel_open = true').replace('drain = "1 s"', 'drain = "5 s"'),
    });
    const { venue, dir, atEnd } = floor;
    const open = new Map();
    venue.onOrder = (entered) => {
      open.set(entered.id, entered);
      venue.acknowledge(entered);
    };
    const heard = venue.onFrame;
    venue.onFrame = (frame, type) => {
      heard(frame, type);
      if (type !== 'F') return;
      const of = open.get(get(frame, 41));
      open.delete(get(frame, 41));
      venue.say('8', fieldsOf([[37, `v${of.id}`], [17, `e${++venue.executions}`], [150, 4], [39, 4],
        [11, get(frame, 11)], [41, of.id], [55, of.symbol], [54, of.side], [151, 0], [14, 0], [6, 0]]));
    };
    let gateway = floor.gateway;
    let router = await floor.router();
    for (let round = 0; round < 5; ++round) {
      const sent = venue.orders.length;
      let going = true;
      const pour = (async () => {
        for (let i = 0; going && !router.closed; ++i) {
          for (let k = 0; k < 20; ++k) router.say('D', order(`r${round}-${i}-${k}`));
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      })();
      await waitFor('a hundred orders at the venue', () => venue.orders.length > sent + 100);
      const begun = performance.now();
      gateway.signal('SIGTERM');
      assert.equal(await gateway.ended, 0, gateway.log());
      const took = performance.now() - begun;
      going = false;
      await pour;
      t.diagnostic(`round ${round}: ${venue.orders.length - sent} orders, ended in ${took.toFixed(0)} ms`);
      assert.equal(open.size, 0, 'orders were left open at the venue');
      gateway.verify();
      gateway = await runGateway({ dir, atEnd, ports: floor.gateway.ports });
      const { state, kills } = await gateway.ask('GET', '/api/v1/state');
      assert.equal(state, 'armed', JSON.stringify(kills));
      const next = await new Peer(compIds.R1.ours, compIds.R1.theirs).connect(gateway.port);
      next.number = router.number;
      next.logOn(credentials);
      await waitFor('R1 to be on', () => next.on);
      await waitFor('XV to be on', () => venue.on);
      router = next;
    }
    router.close();
  });
