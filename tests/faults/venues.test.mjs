// Venues that fall silent, and one that does not read.
import assert from 'node:assert/strict';
import test from 'node:test';
import { spawnSync } from 'node:child_process';
import { field } from '../interop/record.mjs';
import { waitFor } from '../interop/wait.mjs';
import { answered, cancel, get, order, roundTrips, startFloor } from './floor.mjs';

const nft = (...words) => spawnSync('nft', words, { encoding: 'utf8' });
const withHeartbeat = (text) =>
  text.replaceAll('reconnect = "1 s"', 'reconnect = "1 s"\nheartbeat = "1 s"');

test('fault 12: a venue behind a line that drops everything is asked, cut, and used again',
  { timeout: 60_000 }, async (t) => {
    if (nft('list', 'ruleset').status !== 0 || nft('add', 'table', 'inet', 'faults').status !== 0)
      return t.skip('nft has no say here');
    t.after(() => nft('delete', 'table', 'inet', 'faults'));
    const floor = await startFloor(t, { edit: withHeartbeat });
    const router = await floor.router();
    await roundTrips(router, { ms: 200 });
    nft('add', 'chain', 'inet', 'faults', 'out', '{ type filter hook output priority 0 ; }');
    const rule = (word) => ['tcp', word, String(floor.venue.port), 'drop'];
    for (const word of ['dport', 'sport'])
      assert.equal(nft('add', 'rule', 'inet', 'faults', 'out', ...rule(word)).status, 0);
    await waitFor('XV to be cut', async () => (await floor.session('XV')).state !== 'on');
    const refused = await answered(router, 'late', order('late'));
    assert.match(get(refused, 58), /^VENUE_DOWN/);

    nft('flush', 'chain', 'inet', 'faults', 'out');
    await waitFor('XV to be on again', async () => (await floor.session('XV')).state === 'on');
    await roundTrips(router, { ms: 200 });
    const journal = floor.gateway.journal();
    const why = journal.map((record) => field(record, 'text') ?? '');
    assert.ok(why.some((words) => /nothing heard for two heartbeats of 1 s/.test(words)));
    const asked = journal.filter((record) => field(record, 'out_session') === 'XV'
      && get(field(record, 'out_frame') ?? '', 35) === '1');
    assert.ok(asked.length >= 1, 'no TestRequest went out');
  });

test('fault 16: a venue that stops reading gets no new orders, and a kill acts at once',
  { timeout: 120_000 }, async (t) => {
    const floor = await startFloor(t);
    const { venue } = floor;
    venue.onOrder = (entered) => venue.acknowledge(entered);
    const router = await floor.router();
    const resting = await answered(router, 'rest', order('rest'));
    assert.equal(get(resting, 39), '0');
    const answers = new Map();
    router.onFrame = (frame, type) => { if (type === '8') answers.set(get(frame, 11), frame); };
    venue.socket.pause();
    // Until one is refused; what the kernels of both sides take comes first.
    let refused;
    for (let i = 0; !refused; ++i) {
      assert.ok(i < 100_000, 'none was refused');
      for (let k = 0; k < 50; ++k) router.say('D', order(`s${i}-${k}`));
      await new Promise((resolve) => setTimeout(resolve, 5));
      refused = [...answers.values()].find((frame) => get(frame, 39) === '8');
    }
    assert.match(get(refused, 58), /^VENUE_DOWN: venue XV has read nothing for \d+ ms/);
    const stalled = Number(/nothing for (\d+) ms/.exec(get(refused, 58))[1]);
    t.diagnostic(`the first was refused after ${stalled} ms without a byte`);
    assert.ok(stalled < 500);
    router.say('F', cancel('cancel', 'rest'));

    const begun = performance.now();
    const outcome = await floor.gateway.ask('POST', '/api/v1/kill', { scope: 'everything', reason: 'fault 16' });
    t.diagnostic(`killed in ${(performance.now() - begun).toFixed(1)} ms: ${JSON.stringify(outcome).slice(0, 300)}`);
    assert.ok(outcome.gate_ns < 100_000_000, `the gate was shut after ${outcome.gate_ns} ns`);
    const last = outcome.last_sequence.XV;
    const before = venue.orders.length;
    venue.onOrder = (entered) => {
      assert.ok(entered.number <= last, `order ${entered.number} came after the kill's ${last}`);
    };
    venue.socket.resume();
    await waitFor('the cancels', () => venue.cancels.includes('rest'));
    assert.ok(venue.orders.length >= before);
    await waitFor('every cancel', async () => (await floor.session('XV')).out_buffer_bytes === 0);
  });
