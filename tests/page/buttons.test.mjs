// A red button and the page: what it says while one stands pressed, and who re-arms after it.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { spawnSync } from 'node:child_process';
import { openConsole, startBrowser, wordIs } from './browser.mjs';
import { root, startFloor, tokens } from './floor.mjs';

const interlock = process.env.INTERLOCK ?? path.join(root, 'build/dev/interlock');

async function open(t, hardware) {
  const floor = await startFloor(t, { hardware });
  const browser = await startBrowser(t);
  return { floor, look: (person) => openConsole(browser, floor.url, person) };
}

const socketOf = (desk) => path.join(desk.dir, 'state/interlock.sock');

function button(desk, what) {
  const { status, stderr } = spawnSync(interlock, ['button', what, 'desk-2', '--socket', socketOf(desk)],
    { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

// Over the socket that only the host has.
const rearmOnHost = (desk, person, body) => new Promise((resolve, reject) => {
  http.request({ socketPath: socketOf(desk), method: 'POST', path: '/api/v1/rearm', headers: {
    Host: 'localhost', Authorization: `Bearer ${tokens[person]}`, 'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(JSON.stringify(body)) } })
    .on('error', reject).on('response', (response) => resolve(response.resume().statusCode)).end(JSON.stringify(body));
});

test('a button that stands pressed is named, and nobody re-arms past it', async (t) => {
  const { floor, look } = await open(t, 'anywhere');
  const page = await look('m.ortiz');
  button(floor, 'press');
  await wordIs(page, 'Killed');
  await page.getByText(/^Everything killed by button desk-2 at /).waitFor();
  await page.locator('#buttons').getByText('▲ pressed').waitFor();
  await page.getByText('1 of 2 not at rest').waitFor();
  await page.locator('#button-fact').getByText(/desk-2.*pressed/).waitFor();
  assert.equal(await page.locator('#step-button.done').count(), 0);
  await page.getByLabel('Cause').fill('somebody pressed it');
  await page.getByRole('button', { name: 'Begin to re-arm' }).click();
  await page.locator('#rearm-told').getByText(/desk-2.*pressed/).waitFor();
  assert.equal((await floor.state()).kills[0].rearm_begun, null);

  button(floor, 'release');
  await page.locator('#step-button.done').waitFor();
  await page.getByRole('button', { name: 'Begin to re-arm' }).click();
  await page.getByText('The second has to be somebody else').waitFor();
  button(floor, 'press'); // between the two
  const second = await look('k.lee');
  await second.locator('#button-fact').getByText(/desk-2.*pressed/).waitFor();
  await second.getByRole('button', { name: 'Approve' }).click();
  await second.locator('#rearm-told').getByText(/desk-2.*pressed/).waitFor();
  assert.equal((await floor.state()).state, 'killed');
  button(floor, 'release');
  await second.locator('#step-button.done').waitFor();
});

test('what a button killed is re-armed on its host, and the page says so', async (t) => {
  const { floor: desk, look } = await open(t, 'on_host');
  const page = await look('m.ortiz');
  for (const what of ['press', 'release']) button(desk, what);
  await wordIs(page, 'Killed');
  const [{ kill_id: id }] = (await desk.state()).kills;
  await page.getByText(`This came from a button: it is re-armed on the host, with interlock rearm begin ${id}.`).waitFor();
  await page.locator('#step-button.done').waitFor();
  await page.getByLabel('Cause').fill('a drill that was none');
  await page.getByRole('button', { name: 'Begin to re-arm' }).click();
  await page.locator('#rearm-told').getByText('re-arm it there').waitFor();
  assert.equal((await desk.state()).state, 'killed');
  const { running: identity } = (await desk.state()).rearm;
  assert.equal(await rearmOnHost(desk, 'm.ortiz', { action: 'begin', kill_id: id, reason: 'looked', identity }), 200);
  assert.equal(await rearmOnHost(desk, 'k.lee', { action: 'approve', kill_id: id, identity }), 200);
  await wordIs(page, 'Armed');
});
