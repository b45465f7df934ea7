// Debian's Chromium on the console, as a person sees it.
import { chromium } from 'playwright-core';
import { tokens } from './floor.mjs';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export async function startBrowser(t) {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  t.after(() => browser.close());
  return browser;
}

// A tab of its own session; it fails on any error of the page's scripts or of its policy.
export async function openConsole(browser, url, person = 'm.ortiz', more = {}) {
  const { clock, ...settings } = more;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 },
    colorScheme: 'dark', ...settings });
  const page = await context.newPage();
  if (clock) await page.clock.install();
  page.wrong = [];
  page.on('pageerror', (error) => page.wrong.push(String(error)));
  page.on('console', (said) => {
    if (said.type() === 'error' && !/Failed to load resource/.test(said.text())) page.wrong.push(said.text());
  });
  await page.goto(url);
  if (person) await signIn(page, person);
  return page;
}

export async function signIn(page, person) {
  await page.getByLabel('Your token').fill(tokens[person]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#desk').waitFor({ state: 'visible' });
}

async function pointAtButton(page) {
  const box = await page.locator('#kill').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
}

// For that long by the page's own clock, which stands still from here on.
export async function heldFor(page, ms, down, up) {
  await pointAtButton(page);
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));
  await down();
  await page.clock.runFor(ms);
  await up();
}

// At least that long, on any machine.
export async function holdPointer(page, ms) {
  await pointAtButton(page);
  await page.mouse.down();
  await page.waitForTimeout(ms);
  await page.mouse.up();
}

export const word = (page) => page.locator('#word').textContent();
export const wordIs = (page, text) =>
  page.waitForFunction((wanted) => document.getElementById('word').textContent === wanted, text);
