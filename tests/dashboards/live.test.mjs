// A real Prometheus scrapes `interlock demo`, and each expression has to find something.
import assert from 'node:assert/strict';
import test from 'node:test';
import { alerts, dashboardExpressions, metricsIn, read } from './files.mjs';
import { startDemo, startPrometheus } from './live.mjs';

// A comparison filters: quiet is no series. With `bool` it says 0 instead, so that a name or a label
// that does not exist can be told from quiet.
const unfiltered = (expr) => expr.split(/(\{[^}]*\})/)
  .map((part) => (part.startsWith('{') ? part : part.replaceAll(/ (==|!=|<=|>=|<|>) (?!bool )/g, ' $1 bool ')))
  .join('');

test('each expression of the dashboards and of the rules finds something in `interlock demo`',
  { timeout: 120_000 }, async (t) => {
    const { url } = await startDemo(t);
    const prometheus = await startPrometheus(t, new URL(url).host);

    const { groups } = await prometheus.ask('rules');
    const loaded = groups.flatMap(({ rules }) => rules);
    const names = loaded.filter(({ type }) => type === 'alerting').map(({ name }) => name);
    assert.deepEqual(names, alerts().map(({ name }) => name));
    for (const rule of loaded) assert.equal(rule.health, 'ok', `${rule.name}: ${rule.lastError}`);

    const asked = [...dashboardExpressions(), ...loaded.map(({ name, query }) => ({ of: name, expr: query }))];
    for (const { of, expr } of asked) {
      const found = await prometheus.query(unfiltered(expr));
      assert.ok(found.length > 0, `${of} finds nothing: ${expr}`);
    }
    t.diagnostic(`${asked.length} expressions`);
  });

test('docs/metrics.md describes what `interlock demo` serves, and nothing else',
  { timeout: 60_000 }, async (t) => {
    const { url } = await startDemo(t);
    const page = await (await fetch(`${url}/metrics`)).text();
    const served = [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name).sort();
    const documented = [...metricsIn(read('docs/metrics.md'))].sort();
    assert.deepEqual(served, documented);
  });
