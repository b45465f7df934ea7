// A disk that is slow, that fills after the start, or that the kernel makes read-only, under the
// real gateway.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { makeFloor, power } from './floor.mjs';
import { waitFor } from '../../interop/wait.mjs';

const filler = 'x'.repeat(4000); // four times in an order: 60 of them fill a segment
const firm = (state) => state.kills.filter(({ scope }) => scope === 'firm');

function sh(...words) {
  const { status, stderr } = spawnSync(words[0], words.slice(1), { encoding: 'latin1' });
  return status === 0 ? '' : `${words.join(' ')}: ${stderr}`;
}

// A file system of its own in `mounted`; skips the test where none can be had.
function mount(t, ...words) {
  const mounted = fs.mkdtempSync('/dev/shm/interlock-mount-');
  t.after(() => {
    sh('umount', '-l', mounted);
    fs.rmSync(mounted, { recursive: true, force: true });
  });
  const problem = sh('mount', ...words, mounted);
  if (problem === '') return mounted;
  t.skip(`no file system can be mounted here: ${problem}`);
  return null;
}

for (const [name, edit] of [['process', undefined], ['power', power]]) {
  test(`${name}: each sync takes 200 ms: orders flow, and a kill is at the venue`, async (t) => {
    const floor = await makeFloor(t, { edit });
    assert.ok(await floor.start('fdatasync,msync,fsync:delay_exit=200000'), floor.log());
    assert.ok(await floor.arm());
    const router = await floor.router();
    assert.ok(await floor.trade(router, 3, { seconds: 20 }));
    assert.equal(router.refused, 0);
    const killed = await floor.ask('POST', '/api/v1/kill', {});
    assert.notEqual(killed.gate_ns, null);
    await waitFor('the cancels', () => floor.venue.cancels === 3);
    await floor.kill();
    await floor.recovers();
    await floor.end();
  });

  test(`${name}: a disk that fills: refused before the journal ends, and a kill is stored`,
    async (t) => {
      const disk = mount(t, '-t', 'tmpfs', '-o', 'size=6m', 'small');
      if (disk === null) return;
      const floor = await makeFloor(t, { edit, disk });
      assert.ok(await floor.start(), floor.log());
      assert.ok(await floor.arm());
      const router = await floor.router();
      assert.ok(await floor.trade(router, 3));
      assert.equal(router.refused, 0);
      spawnSync('sh', ['-c', `cat /dev/zero >${disk}/filler`]);
      for (let i = 0; router.refused === 0; ++i) {
        assert.ok(i < 400, 'it goes on without space');
        assert.ok(await floor.trade(router, 1, { filler }), 'an order is not answered');
      }
      const [blocked] = firm(await waitFor('the block', async () => {
        const state = await floor.state();
        return firm(state).length > 0 && state;
      }));
      assert.equal(blocked.level, 'block');
      assert.match(blocked.cause, /no space for two more segments/);
      const killed = await floor.ask('POST', '/api/v1/kill', {});
      assert.notEqual(killed.gate_ns, null);
      assert.equal(killed.persisted, true);
      await floor.kill();
      assert.equal(await floor.start(), false, 'it starts without space for two segments');
      assert.match(floor.log(), /No space left on device/);
      fs.rmSync(path.join(disk, 'filler'));
      const state = await floor.recovers();
      assert.ok(firm(state).some(({ source }) => source === 'http'), 'the kill was stored');
      await floor.end();
    });

  test(`${name}: a disk that the kernel makes read-only: killed or gone, and its next start knows`,
    async (t) => {
      const image = `/dev/shm/interlock-image-${process.pid}-${name}`;
      t.after(() => fs.rmSync(image, { force: true }));
      fs.writeFileSync(image, '');
      fs.truncateSync(image, 64 << 20);
      if (sh('mkfs.ext4', '-q', image) !== '') return t.skip('no mkfs.ext4');
      const disk = mount(t, '-o', 'loop', image);
      if (disk === null) return undefined;
      const floor = await makeFloor(t, { edit, disk });
      assert.ok(await floor.start(), floor.log());
      assert.ok(await floor.arm());
      const router = await floor.router();
      assert.ok(await floor.trade(router, 5));
      // What an error in its own journal makes the kernel do: at once, with files open for writing.
      assert.equal(sh('mount', '-o', 'remount,abort', disk), '');
      await floor.trade(router, 5, { seconds: 1 });
      await waitFor('the end', async () => floor.exit !== null ||
        firm(await floor.state().catch(() => ({ kills: [] }))).some(({ level }) => level === 'kill'));
      t.diagnostic(floor.exit === null ? 'killed' : `ended: ${floor.exit}`);
      await floor.kill();
      assert.equal(sh('umount', disk), '');
      assert.equal(sh('mount', '-o', 'loop', image, disk), '');
      // What was not synced is gone, as after a power cut: only "power" promises to know it all.
      if (edit) await floor.recovers();
      else assert.ok(await floor.start() && firm(await floor.state()).length > 0);
      await floor.end();
      assert.equal(sh('umount', disk), '');
      return undefined;
    });
}

test('power is cut: the venue has had more than the journal holds: shut, with an alarm', async (t) => {
  const floor = await makeFloor(t);
  assert.ok(await floor.start(), floor.log());
  assert.ok(await floor.arm());
  const router = await floor.router();
  assert.ok(await floor.trade(router, 3));
  // What the disk holds: all up to here, and nothing of what follows.
  await waitFor('the disk', async () => (await floor.state()).journal.unsynced_age_ms === 0);
  fs.cpSync(path.join(floor.dir, 'audit'), path.join(floor.dir, 'kept'), { recursive: true });
  assert.ok(await floor.trade(router, 4));
  await floor.kill();
  fs.rmSync(path.join(floor.dir, 'audit'), { recursive: true });
  fs.renameSync(path.join(floor.dir, 'kept'), path.join(floor.dir, 'audit'));
  floor.venue.numbers = true;
  assert.ok(await floor.start(), floor.log());
  assert.ok(firm(await floor.state()).some(({ source }) => source === 'start'));
  const { alerts } = await waitFor('the alarm', async () => {
    const page = await floor.ask('GET', '/api/v1/alerts');
    return page.alerts.some(({ kind }) => kind === 'journal-behind') && page;
  });
  const alarm = alerts.find(({ kind }) => kind === 'journal-behind');
  assert.equal(alarm.severity, 'critical');
  assert.match(alarm.text, /^X expects our message \d+, and this journal ends at \d+: it has lost/);
  const killed = (await floor.state()).kills.filter(({ scope }) => scope === 'venue');
  assert.deepEqual(killed.map(({ id, source }) => [id, source]), [['X', 'breach']]);
  await floor.end();
});
