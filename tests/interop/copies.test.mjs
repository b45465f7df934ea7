// Copies with an engine that we did not write: an OMS that declares its parents on a tee, and
// somebody who watches every report, from the first one on, though late.
import assert from 'node:assert/strict';
import test from 'node:test';
import { account, symbols } from './gateway.mjs';
import { play, script } from './flow.mjs';
import { startFloor } from './floor.mjs';
import { waitFor } from './wait.mjs';

for (const version of ['FIX.4.4', 'FIX.5.0SP2'])
  test(`a jspurefix OMS declares and cancels a parent on a tee in ${version}`,
    { timeout: 120_000 }, async (t) => {
      const floor = await startFloor(t, { version, seed: 3, copies: true });
      const tee = await floor.router('T1');
      const router = await floor.router('R1');
      const parent = {
        clOrdId: 'M-1', account, symbol: symbols[0], side: '1', quantity: 300, price: 10,
      };
      const child = (clOrdId, quantity) =>
        router.order({ ...parent, clOrdId, quantity, price: 9, parent: 'M-1' });
      const answered = (clOrdId) => waitFor(`an answer to ${clOrdId}`, () =>
        router.reports.find((report) => report.clOrdId === clOrdId));
      const known = (text) => waitFor(`the journal to say: ${text}`, () =>
        floor.gateway.journal().find(({ kind, fields }) => kind === 'tee_message'
          && fields.some(([, value]) => value === text)));

      await child('a', 100);
      assert.match((await answered('a')).text, /^PARENT_UNKNOWN/);
      await tee.order(parent);
      await known('parent declared');
      await child('b', 300);
      assert.equal((await answered('b')).execType, '0');
      await tee.cancel({ clOrdId: 'M-1c', order: parent });
      await known('parent cancelled');
      await child('c', 1);
      assert.match((await answered('c')).text, /^PARENT_FILL/);
      assert.deepEqual([tee.reports, tee.complaints, tee.told], [[], [], []]);
      await floor.close();
    });

for (const version of ['FIX.4.2', 'FIX.4.4', 'FIX.5.0SP2'])
  test(`a jspurefix drop copy hears every report in ${version}, also what it missed`,
    { timeout: 120_000 }, async (t) => {
      const floor = await startFloor(t, { version, seed: 5, copies: true });
      const router = await floor.router('R1');
      await play(router, script({ seed: 5, count: 200, symbols, account }));
      const copy = await floor.router('D1');
      const heard = () => new Set(copy.reports.map(({ type, execId, clOrdId }) =>
        `${type} ${execId} ${clOrdId}`));
      const said = () => new Set(router.reports.map(({ type, execId, clOrdId }) =>
        `${type} ${execId} ${clOrdId}`));
      await waitFor('the copy to have them all', () => heard().size === said().size);
      await play(router, script({ seed: 6, count: 100, symbols, account, prefix: 'S' }));
      await waitFor('the copy to have the rest', () => heard().size === said().size);
      assert.deepEqual([...heard()].sort(), [...said()].sort());
      assert.deepEqual(copy.complaints, []);
      await floor.close();
    });
