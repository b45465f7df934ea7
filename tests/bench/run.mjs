// Builds and runs all benchmarks, and says what they make of each other. See README.md.
//   tests/bench/run [--json] [--quick] [--build DIR]
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const options = { json: false, quick: false, build: join(root, "build/shipped") };
for (let i = 2; i < process.argv.length; ++i) {
  const word = process.argv[i];
  if (word === "--json") options.json = true;
  else if (word === "--quick") options.quick = true;
  else if (word === "--build") options.build = resolve(process.argv[++i] ?? "");
  else {
    console.error("usage: tests/bench/run [--json] [--quick] [--build DIR]");
    process.exit(2);
  }
}
const { quick, build } = options;
process.env.GLIBC_TUNABLES = "glibc.malloc.hugetlb=1"; // as deploy/interlock.service has it; for all that is run

// Each piece has its time: a run is bounded.
function run(what, command, words, seconds) {
  console.error(`bench: ${what}`);
  const began = Date.now();
  const done = spawnSync(command, words, {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: seconds * 1000,
    maxBuffer: 1 << 26,
    encoding: "utf8",
  });
  if (done.status !== 0) throw new Error(`${what}: ${done.error ?? `exit ${done.status ?? done.signal}`}`);
  console.error(`bench: ${what}: ${((Date.now() - began) / 1000).toFixed(0)} s`);
  return done.stdout;
}
const program = (name) => join(build, "tests/bench", `bench_${name}`);
const json = (what, command, words, seconds) => JSON.parse(run(what, command, words, seconds));

const targets = ["byte_relay", "quickfix_relay", "driver", "decide", "pieces", "inprocess", "rebuild", "kill", "verify"];
run("build", join(here, "build"), [build, "interlock", ...targets.map((name) => `bench_${name}`)], 7200);

const load = loadavg();
const roundtrip = json("round trips and rates", join(here, "roundtrip"), ["--json", "--build", build, ...(quick ? ["--quick"] : [])], 420);

// Google Benchmark: the median of rounds that alternate.
function microbenchmarks(what, name, words = []) {
  const rounds = quick ? 1 : 3;
  const found = json(what, program(name), [
    "--benchmark_format=json",
    `--benchmark_min_time=${quick ? 0.01 : 0.1}`,
    `--benchmark_repetitions=${rounds}`,
    "--benchmark_enable_random_interleaving=true",
    ...words,
  ], 240);
  const times = new Map();
  for (const each of found.benchmarks) {
    if (each.error_occurred) throw new Error(`${each.name}: ${each.error_message}`);
    if (each.run_type !== "iteration") continue;
    const isManual = each.name.includes("/manual_time");
    const key = each.run_name.replace(/\/(manual_time|iterations:\d+)/g, "");
    times.set(key, [...(times.get(key) ?? []), isManual ? each.real_time : each.cpu_time]);
  }
  return [...times].sort().map(([name, all]) => ({ name, ns: median(all), low_ns: Math.min(...all), high_ns: Math.max(...all) }));
}
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
const decide = microbenchmarks("decisions", "decide");
const pieces = microbenchmarks("single steps", "pieces");

// One thing grows at a time.
const plain = { routers: 1, venues: 1, symbols: 1, parents: 1000, open: 1000 };
const growth = [
  plain,
  { ...plain, routers: 8 },
  { ...plain, routers: 64 },
  { ...plain, routers: 8, venues: 8 },
  { ...plain, routers: 64, venues: 64 },
  { ...plain, symbols: 1000 },
  { ...plain, symbols: 10000 },
  { ...plain, parents: 50000 },
  { ...plain, open: 100000 },
];
const inprocess = (quick ? growth.slice(0, 2) : growth).map((size, i) =>
  json(`in process: ${Object.entries(size).map(([key, value]) => `${value} ${key}`).join(", ")}`, program("inprocess"), [
    "--json",
    "--orders", String(quick ? 2000 : i === 0 ? 100000 : 30000),
    ...Object.entries(size).flatMap(([key, value]) => [`--${key}`, String(quick ? Math.min(value, 1000) : value)]),
    ...(i === 0 ? ["--memory"] : []),
  ], 120));

const rebuild = json("rebuild", program("rebuild"), ["--json", "--records", quick ? "20000" : "1000000"], 240);
const verify = json("verify", program("verify"), ["--json", "--in", tmpdir(), ...(quick ? ["--records", "20000", "--rounds", "1"] : ["--rounds", "2"])], 180);
const kill = json("kills", program("kill"), ["--json", "--kills", quick ? "20" : "500"], 240);

const line = (name) => roundtrip.candidates.find((each) => each.name === name);
const ratio = (to) => roundtrip.ratios.find((each) => each.to === to);
const nanoseconds = (name) => decide.find((each) => each.name === name).ns;
const kills = (load) => kill.find((each) => each.load === load);
const full = nanoseconds("decide/50000_parents_1000000_open");
const figures = {
  added_vs_byte_relay: ratio("byte relay").added,
  added_vs_haproxy: ratio("haproxy").added,
  added_vs_quickfix: ratio("quickfix").added,
  added_vs_quickfix_file: ratio("quickfix, files").added,
  p99_vs_byte_relay: ratio("byte relay").p99,
  cpu_vs_quickfix: ratio("quickfix").cpu,
  rate_vs_quickfix: line("interlock").outstanding_256.orders_a_second / line("quickfix").outstanding_256.orders_a_second,
  inprocess_p50_ns: inprocess[0].order.p50_ns,
  inprocess_p99_ns: inprocess[0].order.p99_ns,
  decide_ns_50k_parents: full,
  decide_growth: full / nanoseconds("decide/1000_parents_1000_open"),
  allocations_per_order: inprocess[0].order.allocations_p50,
  kill_p99_us: kills("idle").p99_us,
  kill_loaded_p99_us: kills("flowing").p99_us,
  rebuild_records_per_s: rebuild.rebuilt_per_s,
};

// What each has to be, at most unless it says at least; and what it aims at.
const bounds = {
  added_vs_byte_relay: [1.35, 1.2],
  added_vs_haproxy: [1.1, 0.95],
  added_vs_quickfix: [0.65, 0.55],
  added_vs_quickfix_file: [0.35, 0.3],
  p99_vs_byte_relay: [1.4, 1.2],
  cpu_vs_quickfix: [1 / 8, 1 / 12],
  rate_vs_quickfix: [6, 9, "at least"],
  inprocess_p50_ns: [1000, 600],
  inprocess_p99_ns: [10000, 5000],
  decide_ns_50k_parents: [250, 150],
  decide_growth: [1.3, 1.3],
  allocations_per_order: [0, 0],
  kill_p99_us: [2000, 200],
  kill_loaded_p99_us: [Infinity, 1000],
  rebuild_records_per_s: [500000, 1000000, "at least"],
};
const revision = spawnSync("git", ["-C", root, "describe", "--always", "--dirty"], { encoding: "utf8" }).stdout.trim();
const machine = {
  cpu: cpus()[0].model,
  cores: cpus().length,
  kernel: readFileSync("/proc/version", "utf8").split(" ")[2],
  load_before: load,
  load_after: loadavg(),
  time: new Date().toISOString(),
  revision,
};

if (options.json) {
  console.log(JSON.stringify({ ...figures, machine, rows: { roundtrip, decide, pieces, inprocess, rebuild, verify, kill } }, null, 1));
} else {
  print();
}

function print() {
  const short = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
  const row = (name, ...cells) => console.log(name.padEnd(46) + cells.map((cell) => ` ${cell}`.padStart(12)).join(""));
  console.log(`${machine.cpu}, ${machine.cores} cores, load ${load[0].toFixed(1)}, ${revision}, ${machine.time}\n`);
  row("", "figure", "must", "aim", "");
  for (const [name, value] of Object.entries(figures)) {
    const [must, aim, least] = bounds[name];
    const reaches = (bound) => (least ? value >= bound : value <= bound);
    row(name, short(value), must === Infinity ? "reported" : short(must), short(aim),
      reaches(aim) ? "aim" : reaches(must) ? "must" : "missed");
  }
  console.log("\nround trip, microseconds; orders a second");
  row("", "p50", "p99", "p99.9", "added", "CPU", "256 at once", "5k p99", "20k p99", "20k taken");
  for (const each of roundtrip.candidates) {
    row(each.name, ...[each.p50_us, each.p99_us, each.p999_us, each.added_us, each.cpu_us, each.outstanding_256.orders_a_second,
      each.open_loop_5000.p99_us, each.open_loop_20000.p99_us, each.open_loop_20000.orders_a_second].map(short));
  }
  console.log("\nin process, nanoseconds to the out-buffer");
  row("", "order p50", "p99", "report p50", "p99", "allocations", "start ms");
  for (const each of inprocess) {
    row(`${each.routers} routers ${each.venues} venues ${each.symbols} symbols ${each.parents} P ${each.open} open`,
      ...[each.order.p50_ns, each.order.p99_ns, each.report.p50_ns, each.report.p99_ns, each.order.allocations_mean, each.start_ms].map(short));
  }
  console.log(`${short(inprocess[0].bytes_an_open_order)} bytes an open order, ${short(inprocess[0].bytes_a_parent)} a parent`);
  console.log("\nsingle steps, nanoseconds of CPU (median, least, most)");
  for (const each of [...decide, ...pieces]) row(each.name, short(each.ns), short(each.low_ns), short(each.high_ns));
  console.log("\nfrom the trip to the shut gate, microseconds");
  row("", "kills", "orders/s", "p50", "p99", "max", "after");
  for (const each of kill) row(each.load, each.kills, ...[each.orders_a_second, each.p50_us, each.p99_us, each.max_us, each.orders_after].map(short));
  console.log(`\nrecords a second: opened ${short(rebuild.opened_per_s)}, rebuilt ${short(rebuild.rebuilt_per_s)}, verified ${short(rebuild.verified_per_s)}`);
}
