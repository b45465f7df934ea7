// Peers that want too much: session messages, resends, garbage, connections, scrapes. Each next to a
// good router, which must not notice.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import test from 'node:test';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { waitFor } from '../interop/wait.mjs';
import { compIds, credentials, nextTo, order, roundTrips, startFloor } from './floor.mjs';

const hostileRouter = { ...compIds.R2, credentials };

test('fault 17: floods on a session end it, and the other router does not notice',
  { timeout: 240_000 }, async (t) => {
    // No rate limit stands in front of what is tried here, however fast the machine is.
    const edit = (text) => text.replaceAll('"100_000 / 1 s"', '"1_000_000 / 1 s"');
    const floor = await startFloor(t, { edit });
    const router = await floor.router();
    for (const kind of ['heartbeats', 'test requests', 'resend requests', 'garbage']) {
      await t.test(kind, async (each) => {
        let hostile;
        const begin = async () => {
          const { next_in: number } = await floor.session('R2');
          hostile = floor.hostile(kind, { ...hostileRouter, number });
          await hostile.until('begun');
        };
        await nextTo(each, router, { begin });
        await hostile.until('out');
        await hostile.end();
        await waitFor('R2 to be down', async () => (await floor.session('R2')).state !== 'on');
      });
    }
    await t.test('refused orders', async (each) => {
      const { next_in: number } = await floor.session('R2');
      const hostile = floor.hostile('refused orders', { ...hostileRouter, number, order: order('same', { symbol: 'EMCA' }) });
      await nextTo(each, router, { begin: () => hostile.until('begun') });
      await hostile.end();
    });
    await t.test('wrong passwords', async (each) => {
      const hostile = floor.hostile('wrong passwords', hostileRouter);
      await nextTo(each, router, { begin: () => hostile.until('begun') });
      await hostile.until('tries');
      await hostile.end();
    });
    const after = await floor.state();
    assert.equal(after.state, 'armed', JSON.stringify(after.kills));
  });

test('fault 18: 2,000 idle connections and ten that say a byte a second disturb nobody',
  { timeout: 120_000 }, async (t) => {
    const floor = await startFloor(t);
    const router = await floor.router();
    const crowd = floor.hostile('connections');
    await nextTo(t, router, { begin: () => crowd.until('begun') });
    await crowd.end();
    const again = await floor.router('R2'); // the crowd keeps nobody out once it is gone
    again.close();
  });

test('fault 18: without file descriptors connections are turned away, and the loop does not spin',
  { timeout: 60_000 }, async (t) => {
    const floor = await startFloor(t, {
      edit: (text) => text.replaceAll('logon_deadline = "1 s"', 'logon_deadline = "1 s"\nconnections_max = 100'),
    });
    const router = await floor.router();
    const { pid } = floor.gateway;
    const limit = (files) => assert.equal(
      spawnSync('prlimit', ['--pid', String(pid), `--nofile=${files}`]).status, 0);
    const used = new Set(fs.readdirSync(`/proc/${pid}/fd`).map(Number));
    let free = 0;
    while (used.has(free)) ++free;
    limit(`${free + 3}:4096`);
    const crowd = Array.from({ length: 50 }, () =>
      net.connect({ host: '127.0.0.1', port: floor.gateway.port }).on('error', () => {}));
    const ticks = () => {
      const fields = fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
      return Number(fields[11]) + Number(fields[12]);
    };
    const before = ticks();
    await Promise.all(crowd.map((socket) => once(socket, 'close')));
    await roundTrips(router, { ms: 500 });
    t.diagnostic(`${ticks() - before} ticks of 10 ms of processor time`);
    const { alerts } = await floor.gateway.ask('GET', '/api/v1/alerts').catch(() => ({}));
    limit('4096:4096');
    const told = alerts ?? (await floor.gateway.ask('GET', '/api/v1/alerts')).alerts;
    assert.ok(told.some(({ kind }) => kind === 'descriptors'));
    (await floor.router('R2')).close();
  });

test('fault 36: a hundred scrapers at once do not slow orders down', { timeout: 60_000 },
  async (t) => {
    const floor = await startFloor(t);
    const router = await floor.router();
    const scrapers = floor.hostile('scrapes');
    await nextTo(t, router, { begin: () => scrapers.until('begun') });
    await scrapers.until('answers');
    t.diagnostic(scrapers.said.at(-1));
    await scrapers.end();
  });
