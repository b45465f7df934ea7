// The emulated machine: QEMU, its control socket (QMP), and the serial line to the driver in it.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

// Software emulation even where KVM is: the same machine everywhere. The clock stands far from the
// roll of the trading day.
const fixed = [
  '-accel', 'tcg', '-icount', 'shift=1', '-machine', 'q35,i8042=off', '-cpu', 'max',
  '-m', '1024', '-rtc', 'base=2026-11-24T15:00:00', '-display', 'none', '-nodefaults',
  '-no-user-config', '-no-reboot', '-nic', 'none',
  '-append', 'console=ttyS0 quiet panic=-1 random.trust_cpu=on mitigations=off',
  '-device', 'qemu-xhci,id=usb', '-device', 'usb-kbd,bus=usb.0,id=key,serial=KILL0001',
  '-device', 'i6300esb', '-watchdog-action', 'none',
];

// A server that takes one connection and gives its lines away.
function listen(file, hear) {
  const server = net.createServer((socket) => {
    server.emit('taken', socket);
    readline.createInterface({ input: socket }).on('line', (line) => hear(line, socket));
  });
  server.listen(file);
  return server;
}

// Boots, and serves the driver until the machine is off; its lines go to `show`. Resolves to the
// exit status of the driver, or to null when the machine ended or was ended without one.
export async function run({ kernel, initrd, place, seconds, show }) {
  const events = new Set();  // of QEMU, that the driver has not asked for yet
  const waiting = new Map();  // event -> what to do when it comes
  const commands = [];  // answers of the commands under way, in order
  let control, status = null;

  const came = (event) => {
    const wake = waiting.get(event);
    waiting.delete(event);
    if (wake) wake(); else events.add(event);
  };
  const qmp = (command) => new Promise((resolve) => {
    commands.push(resolve);
    control.write(`${command}\n`);
  });
  const monitor = listen(path.join(place, 'qmp'), (line) => {
    const message = JSON.parse(line);
    if (message.event) came(message.event);
    else if (message.return) commands.shift()('done');
    else if (message.error) commands.shift()(message.error.desc);
  });
  monitor.on('taken', (socket) => {
    control = socket;
    qmp('{"execute": "qmp_capabilities"}');
  });
  // A busy machine is slow here, and the guest does not notice.
  const awaitEvent = (event) => new Promise((resolve) => {
    if (events.delete(event)) return resolve('done');
    const late = setTimeout(() => resolve(`no event ${event} in five minutes`), 300_000);
    waiting.set(event, () => {
      clearTimeout(late);
      resolve('done');
    });
  });
  const serve = async (line, serial) => {
    const [, word, rest] = line.match(/^(qmp|await|end) (.*)$/) ?? [];
    if (word === 'qmp') serial.write(`${await qmp(rest)}\n`);
    else if (word === 'await') serial.write(`${await awaitEvent(rest)}\n`);
    else if (word === 'end') status = Number(rest);
    else show(line);
  };
  const line = listen(path.join(place, 'line'), serve);

  const machine = spawn('qemu-system-x86_64', [
    ...fixed, '-kernel', kernel, '-initrd', initrd,
    '-chardev', `file,id=log,path=${path.join(place, 'kernel.log')}`, '-serial', 'chardev:log',
    '-chardev', `socket,id=line,path=${path.join(place, 'line')}`, '-serial', 'chardev:line',
    '-serial', 'null', '-qmp', `unix:${path.join(place, 'qmp')}`,
  ], { stdio: ['ignore', 'inherit', 'inherit'] });
  const late = setTimeout(() => {
    show(`the machine did not end within ${seconds} s`);
    machine.kill('SIGKILL');
  }, seconds * 1000);
  process.on('exit', () => machine.kill('SIGKILL'));
  await once(machine, 'exit');
  clearTimeout(late);
  line.close();
  monitor.close();
  for (const wake of waiting.values()) wake();
  return status;
}
