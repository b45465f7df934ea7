// The counterparties without a gateway between them: what they do is what the other tests rely on.
import assert from 'node:assert/strict';
import test from 'node:test';
import { account, assertSame, play, script } from './flow.mjs';
import { startRouter, startVenue } from './parties.mjs';
import { startOrdermatch } from './ordermatch.mjs';
import { received, sent } from './venue_log.mjs';
import { makePlace } from './place.mjs';
import { freePort } from './tap.mjs';

const symbols = ['ACME', 'EMCA', 'MECA', 'CEMA'];

test('a jspurefix router trades 5,000 orders with ordermatch in FIX 4.2', { timeout: 120_000 },
  async (t) => {
    const { dir, atEnd } = makePlace(t);
    const port = await freePort();
    const venue = await startOrdermatch({ dir, port, compId: { ours: 'VENUE', theirs: 'R1' } });
    atEnd(() => venue.stop());
    const router = await startRouter({
      version: 'FIX.4.2', dir, port, compId: { ours: 'R1', theirs: 'VENUE' },
    });
    const steps = script({ seed: 42, count: 5000, symbols, account: 'A1' });
    const milliseconds = await play(router, steps);
    await router.stop();

    const totals = account(steps, router.reports);
    assertSame(sent(venue), router.reports);
    assert.equal(received(venue).length, steps.length);
    assert.ok(totals.parts > 500 && totals.cancelled > 200, JSON.stringify(totals));
    assert.deepEqual(router.complaints, []);
    t.diagnostic(`${Math.round(5e6 / milliseconds)} orders/s ${JSON.stringify(totals)}`);
  });

for (const version of ['FIX.4.4', 'FIX.5.0SP2'])
  test(`a jspurefix router trades 5,000 orders with a jspurefix venue in ${version}`,
    { timeout: 120_000 }, async (t) => {
      const { dir, atEnd } = makePlace(t);
      const port = await freePort();
      const venue = startVenue({
        version, dir, port, compId: { ours: 'VENUE', theirs: 'R1' }, seed: 44,
      });
      atEnd(() => venue.stop());
      const router = await startRouter({
        version, dir, port, compId: { ours: 'R1', theirs: 'VENUE' },
      });
      const steps = script({ seed: 44, count: 5000, symbols, account: 'A1', replaces: true });
      const milliseconds = await play(router, steps);
      await router.stop();

      const totals = account(steps, router.reports);
      assertSame(venue.sent, router.reports);
      assert.equal(venue.received.length, steps.length);
      assert.ok(totals.parts > 500 && totals.replaced > 20, JSON.stringify(totals));
      assert.deepEqual([...router.complaints, ...venue.complaints], []);
      t.diagnostic(`${Math.round(5e6 / milliseconds)} orders/s ${JSON.stringify(totals)}`);
    });
