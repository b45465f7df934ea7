// A second gateway for the same sessions, and a copy of a state directory.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { makeFloor } from './floor.mjs';

const another_instance = 75;

test('a second gateway refuses: in the same directory, and in its own with the same session',
  async (t) => {
    const floor = await makeFloor(t);
    assert.ok(await floor.start(), floor.log());
    const venue = floor.venue.port;
    const other = await makeFloor(t, {
      edit: (text) => text.replace(/connect = \["127.0.0.1:\d+"\]/,
        `connect = ["127.0.0.1:${venue}"]`),
    });
    assert.equal(await other.start(), false);
    assert.equal(other.exit, another_instance);
    const words = `another instance runs: process ${floor.child.pid} holds session X`;
    assert.ok(other.log().includes(words), other.log());
    other.file = floor.file;
    assert.equal(await other.start(), false);
    assert.equal(other.exit, another_instance);
    assert.match(other.log(), /another instance runs: it holds the journal/);
    await floor.kill(); // with its holder the fence is gone
    other.file = path.join(other.dir, 'gateway.toml');
    assert.ok(await other.start(), other.log());
    await other.end();
    await floor.end();
  });

test('a copy of the state starts killed, and says why; the original resumes', async (t) => {
  const floor = await makeFloor(t);
  assert.ok(await floor.start(), floor.log());
  assert.ok(await floor.arm());
  await floor.kill('SIGTERM');
  assert.equal(floor.exit, 0, floor.log());
  const copy = `${floor.dir}-copy`;
  t.after(() => fs.rmSync(copy, { recursive: true, force: true }));
  fs.cpSync(floor.dir, copy, { recursive: true });
  floor.file = path.join(copy, 'gateway.toml');
  assert.ok(await floor.start(), floor.log());
  const [kill] = (await floor.state()).kills;
  assert.equal(kill.source, 'start');
  assert.match(kill.cause, /armed in another directory of this host: it may be a copy/);
  assert.ok(await floor.arm(), 'two people may still open it');
  await floor.kill('SIGTERM');
  floor.file = path.join(floor.dir, 'gateway.toml');
  assert.ok(await floor.start(), floor.log());
  assert.equal((await floor.state()).state, 'armed');
  await floor.end();
});
