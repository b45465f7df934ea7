// Routers that come back, and one that does not read.
import assert from 'node:assert/strict';
import test from 'node:test';
import { field } from '../interop/record.mjs';
import { waitFor } from '../interop/wait.mjs';
import { freePort } from '../interop/tap.mjs';
import { Peer } from './peer.mjs';
import {
  answered, compIds, credentials, get, nextTo, order, roundTrips, startFloor,
} from './floor.mjs';

const peer = (id) => new Peer(compIds[id].ours, compIds[id].theirs);

test('fault 13: a router that comes back with lower numbers is logged out, and nothing is reset',
  { timeout: 60_000 }, async (t) => {
    const floor = await startFloor(t);
    const router = await floor.router();
    await roundTrips(router, { ms: 300 });
    const due = router.number;
    router.close();
    await waitFor('R1 to be down', async () => (await floor.session('R1')).state !== 'on');

    const again = await peer('R1').connect(floor.gateway.port);
    const heard = [];
    again.onFrame = (frame) => heard.push(frame);
    again.logOn(credentials); // with number 1
    await again.gone();
    const logout = heard.find((frame) => get(frame, 35) === '5');
    assert.match(get(logout, 58), /too low/);
    assert.ok(!heard.some((frame) => get(frame, 35) === 'A'));
    await waitFor('the alarm', async () =>
      (await floor.gateway.ask('GET', '/api/v1/alerts')).alerts
        .some(({ text }) => /Logon with MsgSeqNum 1, and \d+ was due/.test(text)));
    assert.equal((await floor.session('R1')).next_in, due);

    const right = await peer('R1').connect(floor.gateway.port);
    right.number = due;
    right.logOn(credentials);
    await waitFor('R1 to be on again', () => right.on);
    right.close();
  });

test('fault 14: a router takes the place of its own half-open connection, and of no other',
  { timeout: 60_000 }, async (t) => {
    const floor = await startFloor(t, {
      edit: (text) => text.replaceAll('parent_id_tag', 'allow = ["127.0.0.0/8"]\nparent_id_tag'),
    });
    const router = await floor.router();
    const refused = async (from) => {
      const other = await peer('R1').connect(floor.gateway.port, from);
      other.number = router.number + 10;
      other.logOn(credentials);
      await other.gone();
      assert.ok(!other.on);
    };
    await refused('127.0.0.1'); // the old one answers that it lives
    router.answers = false; // half-open: it takes what we send, and says nothing
    await refused('127.0.0.2'); // not its own place
    assert.ok(!router.closed);

    const next = await peer('R1').connect(floor.gateway.port);
    next.number = router.number;
    next.logOn(credentials);
    await waitFor('the new one to be on', () => next.on);
    await router.gone();
    const why = floor.gateway.journal().map((record) => field(record, 'text') ?? '');
    assert.ok(why.some((words) => /already connected from/.test(words)));
    assert.ok(why.some((words) => /silent, and replaced by a new connection/.test(words)));
    next.close();
  });

test('a router that logs on again and again is not read, and is let in when it comes less often',
  { timeout: 60_000 }, async (t) => {
    const floor = await startFloor(t);
    let number = 1;
    const comes = async () => {
      const router = await peer('R1').connect(floor.gateway.port);
      router.number = number;
      router.logOn(credentials);
      await waitFor('an answer or none', () => router.on || router.closed);
      const taken = router.on;
      router.close();
      if (!taken) return false;
      await waitFor('R1 to be down', async () => (await floor.session('R1')).state !== 'on');
      ++number;
      return true;
    };
    let taken = 0;
    while (taken < 100 && await comes()) ++taken;
    assert.ok(taken >= 10 && taken < 100, `${taken} taken`);
    await waitFor('the numbers of those that were read, and no other',
      async () => (await floor.session('R1')).next_in === number);
    await waitFor('R1 to be let in', comes, { seconds: 20 });
  });

test('fault 15: a router that stops reading is cut, keeps its fills, and holds nobody up',
  { timeout: 300_000 }, async (t) => {
    const reports = Number(process.env.REPORTS ?? 100_000);
    const hostileVenue = await freePort();
    const floor = await startFloor(t, {
      hostileVenue,
      edit: (text) => text.replaceAll('comp_id = { ours = "FIRM", theirs = "VENUE" }',
        'comp_id = { ours = "FIRM", theirs = "VENUE" }\nheartbeat = "300 s"'),
      routers: [{ id: 'R1', venue: 'XV' }, { id: 'R2', venue: 'XH' }],
    });
    const router = await floor.router();
    const orders = Array.from({ length: Math.ceil(reports / 80_000) }, (_, i) =>
      order(`deaf${i}`, { symbol: 'EMCA', quantity: 100_000 }));
    let deaf;
    const begin = async () => {
      deaf = floor.hostile('venue of a deaf router', {
        venueId: compIds.venue, venuePort: hostileVenue, ...compIds.R2, credentials, reports, orders,
      });
      await deaf.until('begun');
    };
    const over = () => deaf.said.some((word) => word.startsWith('all'));
    await nextTo(t, router, { begin }, { done: over });
    assert.ok(deaf.said.includes('cut'));
    assert.ok(deaf.said.includes(`all ${reports}`), deaf.said.join());
    const why = floor.gateway.journal().map((record) => field(record, 'text') ?? '');
    assert.ok(why.some((words) => /does not read: \d+ bytes wait, limit 4194304/.test(words)));
    assert.equal((await floor.state()).state, 'armed');
    await deaf.end();
  });
