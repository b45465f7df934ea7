// The initial ramdisk: the whole file system of the guest, a cpio archive ("newc", cpio(5)).
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';

// What is put into it: text or bytes by path, without the first slash.
export class Image {
  files = new Map();

  put(name, bytes, mode = 0o100644) {
    this.files.set(name, { bytes: Buffer.from(bytes), mode });
  }

  copy(from, name, mode = 0o100755) {
    this.put(name, fs.readFileSync(from), mode);
  }

  // A program without its debug information, with the libraries that it is linked to.
  program(from, name) {
    const lean = `${from}.${process.pid}.lean`;
    execFileSync('strip', ['-g', '-o', lean, from]);
    this.copy(lean, name);
    fs.unlinkSync(lean);
    for (const [, library] of libraries(from).matchAll(/(?:=> )?(\/\S+) \(0x/g)) {
      this.copy(fs.realpathSync(library), library.slice(1));
    }
  }

  // Files of a directory of this machine, at the same place.
  tree(directory) {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true, recursive: true })) {
      const from = path.join(entry.path, entry.name);
      if (fs.statSync(from).isFile()) this.copy(from, from.slice(1), 0o100644);
    }
  }

  write(file) {
    const directories = new Set();
    for (const name of this.files.keys()) {
      for (let at = path.dirname(name); at !== '.'; at = path.dirname(at)) directories.add(at);
    }
    const out = fs.openSync(file, 'w');
    const record = archive((bytes) => fs.writeSync(out, bytes));
    for (const name of [...directories].sort()) record(name, 0o40755, Buffer.alloc(0));
    for (const [name, { bytes, mode }] of this.files) record(name, mode, bytes);
    record('TRAILER!!!', 0, Buffer.alloc(0));
    fs.closeSync(out);
  }
}

function libraries(program) {
  return execFileSync('ldd', [program], { encoding: 'utf8' });
}

function archive(write) {
  let number = 0;
  const pad = (bytes) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  return (name, mode, bytes) => {
    number += 1;
    const fields = [number, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length + 1, 0];
    const header = fields.map((field) => field.toString(16).padStart(8, '0')).join('');
    write(pad(Buffer.from(`070701${header}${name}\0`)));
    write(pad(bytes));
  };
}
