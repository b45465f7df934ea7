// A kill with a venue that we did not write: nothing leaves after it, and what is open there ends.
import assert from 'node:assert/strict';
import test from 'node:test';
import { value } from './fix.mjs';
import { account as totalsOf, play, script } from './flow.mjs';
import { startFloor } from './floor.mjs';
import { account, rearm, symbols } from './gateway.mjs';
import { applications } from './record.mjs';
import { waitFor } from './wait.mjs';

const ended = ['2', '4', '8']; // OrdStatus: filled, cancelled, rejected

test('a kill amid 2,000 orders stops them, ends the open ones at ordermatch, and can be undone',
  { timeout: 180_000 }, async (t) => {
    const floor = await startFloor(t, { version: 'FIX.4.2' });
    const router = await floor.router('R1');
    const steps = script({ seed: 11, count: 2000, symbols, account });
    const played = play(router, steps);
    await waitFor('trade', () => router.reports.length > 1500);
    const kill = await floor.gateway.ask('POST', '/api/v1/kill', { reason: 'interop test' });
    await played; // each of the rest is refused
    const state = () => floor.gateway.ask('GET', '/api/v1/state');
    await waitFor('all cancels', async () =>
      (await state()).kills.every(({ residual }) => residual === 0));

    const orders = applications(floor.venueTap.toServer())
      .filter((frame) => value(frame, 35) === 'D').map((frame) => Number(value(frame, 34)));
    assert.ok(orders.length < 2000 && Math.max(...orders) <= kill.last_sequence.XV,
      `${orders.length} orders, the last ${Math.max(...orders)}: ${JSON.stringify(kill)}`);
    const last = new Map();
    for (const { type, clOrdId, status } of router.reports)
      if (type === '8') last.set(clOrdId, status);
    for (const { kind, order } of steps) {
      if (kind !== 'order') continue;
      assert.ok(ended.includes(last.get(order.clOrdId)), `${order.clOrdId} has not ended`);
    }
    assert.ok(router.reports.some(({ text }) => text?.startsWith('KILLED: ')));

    await rearm(floor.gateway);
    const before = router.reports.length;
    const more = script({ seed: 12, count: 200, symbols, account, prefix: 'N' });
    await play(router, more);
    await floor.close();
    totalsOf(more, router.reports.slice(before));
    assert.deepEqual(router.complaints, []);
    floor.gateway.verify();
  });
