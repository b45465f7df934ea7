// What a venue gets is what the router wrote: groups, custom tags, their order and their spelling.
import assert from 'node:assert/strict';
import test from 'node:test';
import { custom } from './dictionary.mjs';
import { body, timestamp, value } from './fix.mjs';
import { startFloor } from './floor.mjs';
import { account, compIds, logon, symbols } from './gateway.mjs';
import { parentOf } from './flow.mjs';
import { connectRaw } from './raw_client.mjs';
import { applications } from './record.mjs';
import { waitFor } from './wait.mjs';

const orders = (tap) => applications(tap.toServer()).filter((frame) => value(frame, 35) === 'D');

test('orders with Parties and declared custom groups arrive byte for byte at a jspurefix venue',
  { timeout: 60_000 }, async (t) => {
    const floor = await startFloor(t, { version: 'FIX.4.4', seed: 1 });
    const router = await floor.router('R1');
    const parties = [
      { PartyID: 'DESK 7', PartyIDSource: 'D', PartyRole: 24 },
      { PartyID: 'ALGO=5', PartyIDSource: 'D', PartyRole: 12,
        PtysSubGrp: { NoPartySubIDs: [{ PartySubID: 'a', PartySubIDType: 1 },
          { PartySubID: 'b', PartySubIDType: 2 }] } },
    ];
    for (let number = 1; number <= 100; ++number) {
      await router.order({
        clOrdId: `B${number}`, account, symbol: symbols[number % 4], side: '1', quantity: 100,
        price: 10, parent: parentOf(symbols[number % 4], '1'),
        parties: parties.slice(0, 1 + number % 2), hints: [['urgency', `${number}`], ['venue', 'dark']],
      });
    }
    await waitFor('all answers', () =>
      router.reports.filter(({ execType }) => execType === '0').length === 100);
    const left = orders(floor.routerTap).map((frame) => body(frame).toString('latin1'));
    const arrived = orders(floor.venueTap).map((frame) => body(frame).toString('latin1'));
    assert.equal(left.length, 100);
    assert.deepEqual(arrived, left);
    assert.match(arrived[0], /453=2\x01448=DESK 7\x01/);
    assert.match(arrived[0], /5010=2\x015011=urgency\x01/);
    assert.deepEqual(floor.venue.complaints, []);
  });

test('tags in an order of the router\'s own, and numbers in its own spelling, stay as they are',
  { timeout: 60_000 }, async (t) => {
    const floor = await startFloor(t, { version: 'FIX.4.4', seed: 2 });
    const client = await connectRaw({
      port: floor.gateway.port, version: 'FIX.4.4', compId: compIds.R1,
    });
    client.logOn(logon);
    await client.answer('A');
    const parent = parentOf('ACME', '1');
    const now = timestamp();
    const bodies = [
      [[custom.parent, parent], [60, now], [38, '0100'], [55, 'ACME'], [54, 1], [44, '10.0500'],
        [40, 2], [1, account], [11, 'S-1'], [21, 1]],
      [[11, 'S-2'], [custom.hints, 2], [custom.hint, 'b'], [custom.hintValue, '2'],
        [custom.hint, 'a'], [custom.parent, parent], [1, account], [55, 'ACME'], [54, 1], [60, now],
        [38, '100.0'], [40, 2], [44, '10'], [58, 'a = 5 | 7 \\ "8"']],
      [[453, 1], [448, 'P'], [447, 'D'], [452, 1], [11, 'S-3'], [1, account], [54, 1], [55, 'ACME'],
        [60, now], [44, '9.99'], [40, 2], [38, 100], [59, 0], [custom.strategy, 'x\\y'],
        [custom.parent, parent]],
    ];
    for (const pairs of bodies) client.say('D', pairs);
    await waitFor('all answers', () => bodies.every((pairs, index) =>
      client.received().some((frame) => value(frame, 11) === `S-${index + 1}`)));
    client.close();
    assert.deepEqual(
      orders(floor.venueTap).map((frame) => body(frame).toString('latin1')),
      bodies.map((pairs) => pairs.map(([tag, text]) => `${tag}=${text}\x01`).join('')),
    );
  });
