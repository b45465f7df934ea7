// A kill over the HTTP API while orders pour through: what the answer says holds in the venue's own record.
import assert from 'node:assert/strict';
import net from 'node:net';
import test from 'node:test';
import { once } from 'node:events';
import { frames, message, timestamp, value } from './fix.mjs';
import { account, compIds, logon, startGateway } from './gateway.mjs';
import { parentOf } from './flow.mjs';
import { custom } from './dictionary.mjs';
import { makePlace } from './place.mjs';
import { connectRaw } from './raw_client.mjs';
import { waitFor } from './wait.mjs';

const version = 'FIX.4.4';

// A venue by hand: it logs on, keeps every frame that it reads, and answers nothing else.
async function startRawVenue() {
  const heard = [];
  let bytes = Buffer.alloc(0);
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (more) => {
      const found = frames(Buffer.concat([bytes, more]));
      bytes = found.rest;
      for (const frame of found.found) {
        heard.push(frame);
        if (value(frame, 35) === 'A') {
          socket.write(message(version, [[35, 'A'], [49, compIds.venue.ours], [56, compIds.venue.theirs],
            [34, 1], [52, timestamp()], [98, 0], [108, value(frame, 108)]]));
        }
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { heard, port: server.address().port, stop: () => server.close() };
}

test('a kill over HTTP amid more than 1,000 orders a second: no order after the numbers that it names',
  { timeout: 120_000 }, async (t) => {
    const { dir, atEnd } = makePlace(t);
    const venue = await startRawVenue();
    atEnd(async () => venue.stop());
    const gateway = await startGateway({
      dir, atEnd, version, routers: [{ id: 'R1', venue: 'XV' }], venues: [{ id: 'XV', port: venue.port }],
    });
    const router = await connectRaw({ port: gateway.port, version, compId: compIds.R1 });
    atEnd(async () => router.close());
    router.logOn(logon);
    await router.answer('A');

    let going = true;
    let sent = 0;
    const began = performance.now();
    const pour = (async () => {
      while (going && sent < 60_000) {
        for (let i = 0; i < 200; ++i) {
          router.say('D', [[11, `K${++sent}`], [custom.parent, parentOf('ACME', '1')], [1, account],
            [55, 'ACME'], [54, 1], [60, timestamp()], [38, 100], [40, 2], [44, 10]]);
        }
        await new Promise((turn) => setTimeout(turn, 20));
      }
    })();
    const ordersAtVenue = () => venue.heard.filter((frame) => value(frame, 35) === 'D');
    await waitFor('a flow of orders', () => venue.heard.length > 2000, { seconds: 60 });
    const before = ordersAtVenue().length;
    const seconds = (performance.now() - began) / 1000;
    const kill = await gateway.ask('POST', '/api/v1/kill', { reason: 'under load' });
    const sentByThen = sent;
    await waitFor('orders after the kill', () => sent > sentByThen || sent >= 60_000);
    going = false;
    await pour;
    await waitFor('each order open at the venue to be asked to cancel', async () => {
      const cancelled = new Set(venue.heard.filter((frame) => value(frame, 35) === 'F')
        .map((frame) => value(frame, 41)));
      return ordersAtVenue().every((frame) => cancelled.has(value(frame, 11)));
    }, { seconds: 60 });

    const numbers = ordersAtVenue().map((frame) => Number(value(frame, 34)));
    assert.ok(Math.max(...numbers) <= kill.last_sequence.XV,
      `an order ${Math.max(...numbers)} after ${kill.last_sequence.XV}`);
    assert.ok(Date.parse(kill.tripped_at) <= Date.parse(kill.closed_at), JSON.stringify(kill));
    assert.equal(kill.persisted, true);
    assert.ok(before / seconds >= 1000, `${before} orders in ${seconds} s`);
    assert.ok(numbers.length < sent, 'the kill came after the last order');
    t.diagnostic(`${Math.round(before / seconds)} orders/s before; gate shut after `
      + `${(kill.gate_ns / 1e6).toFixed(2)} ms, ${kill.purged} purged, ${kill.cancels_sent} cancels`);
    gateway.verify();
  });
