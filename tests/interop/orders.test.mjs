// Thousands of orders from an engine that we did not write, through the gateway, to another one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { account as name, symbols } from './gateway.mjs';
import { account, assertSame, play, script } from './flow.mjs';
import { startFloor } from './floor.mjs';
import { assertJournal } from './record.mjs';
import { received, sent } from './venue_log.mjs';
import { waitFor } from './wait.mjs';

// A cancel or replace of an order that was over when it came is refused by the gateway. All other
// messages reach the venue, and every report of the venue the router.
function assertAllAccounted(steps, router, venueReceived, venueSent) {
  const byGateway = router.reports.filter(({ type, text }) =>
    type === '9' && /^[A-Z_]+: /.test(text));
  assertSame(venueSent, router.reports.filter((report) => !byGateway.includes(report)));
  const asked = steps.map(({ order, clOrdId }) => clOrdId ?? order.clOrdId);
  const arrived = [...venueReceived, ...byGateway].map(({ clOrdId }) => clOrdId);
  assert.deepEqual(arrived.sort(), asked.sort());
  assert.deepEqual(router.complaints, []);
  return account(steps, router.reports);
}

test('5,000 orders of a jspurefix router reach ordermatch through the gateway in FIX 4.2, '
  + 'once each', { timeout: 300_000 }, async (t) => {
  const floor = await startFloor(t, { version: 'FIX.4.2' });
  const router = await floor.router('R1');
  const steps = script({ seed: 42, count: 5000, symbols, account: name });
  const milliseconds = await play(router, steps);
  await floor.close();

  const totals = assertAllAccounted(steps, router, received(floor.venue), sent(floor.venue));
  assert.ok(totals.parts > 500 && totals.cancelled > 200, JSON.stringify(totals));
  assertJournal(floor.gateway.journal(), floor);
  floor.gateway.verify();
  t.diagnostic(`${Math.round(5e6 / milliseconds)} orders/s ${JSON.stringify(totals)}`);
});

for (const version of ['FIX.4.4', 'FIX.5.0SP2'])
  test('5,000 orders of a jspurefix router reach a jspurefix venue through the gateway in '
    + `${version}, once each`, { timeout: 300_000 }, async (t) => {
    const floor = await startFloor(t, { version, seed: 44 });
    const router = await floor.router('R1');
    const steps = script({ seed: 44, count: 5000, symbols, account: name, replaces: true });
    const milliseconds = await play(router, steps);
    await floor.close();

    const totals = assertAllAccounted(steps, router, floor.venue.received, floor.venue.sent);
    assert.ok(totals.parts > 500 && totals.replaced > 20, JSON.stringify(totals));
    assert.deepEqual(floor.venue.complaints, []);
    assertJournal(floor.gateway.journal(), floor);
    floor.gateway.verify();
    t.diagnostic(`${Math.round(5e6 / milliseconds)} orders/s ${JSON.stringify(totals)}`);
  });

test('two routers with the same ClOrdIDs share a session with ordermatch, and each gets its own',
  { timeout: 300_000 }, async (t) => {
    const floor = await startFloor(t, { version: 'FIX.4.2', second: 'XV' });
    const routers = [await floor.router('R1'), await floor.router('R2')];
    const scripts = [1, 2].map((seed) => script({ seed, count: 1000, symbols, account: name }));
    await Promise.all(routers.map((router, index) => play(router, scripts[index])));
    const reports = () => routers.reduce((sum, router) => sum + router.reports.length, 0);
    await waitFor('the fills of the last orders', () => reports() === sent(floor.venue).length);
    await floor.close();

    routers.forEach((router, index) => {
      const totals = account(scripts[index], router.reports);
      assert.ok(totals.parts > 50 && totals.cancelled > 20, JSON.stringify(totals));
      assert.deepEqual(router.complaints, []);
    });
    const entered = received(floor.venue).filter(({ type }) => type === 'D');
    assert.equal(entered.length, 2000);
    assert.equal(new Set(entered.map(({ clOrdId }) => clOrdId)).size, 2000);
    floor.gateway.verify();
  });
