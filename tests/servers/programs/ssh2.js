// An SFTP server as many are written with npm's ssh2: every request is handled by itself,
// and a write takes some milliseconds. node ssh2.js PORT HOST_KEY AUTHORIZED_KEYS
// In the environment MEANS is the order in which means of login are wanted.
'use strict';
const fs = require('fs');
const { Server, utils } = require('ssh2');

const [port, hostKey, authorized] = process.argv.slice(2);
const DELAY = 5; // milliseconds a write
const { OPEN_MODE, STATUS_CODE } = utils.sftp;
const allowed = fs.readFileSync(authorized, 'utf8').trim().split('\n')
  .map((line) => utils.parseKey(line));
const wanted = (process.env.MEANS || 'publickey').split(' ');

const handles = {
  of: (fd) => { const buffer = Buffer.alloc(4); buffer.writeUInt32BE(fd); return buffer; },
  fd: (handle) => handle.readUInt32BE(0),
};

function serve(sftp) {
  const answer = (id) => (error) => {
    if (!error) sftp.status(id, STATUS_CODE.OK);
    else if (error.code === 'ENOENT') sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
    else sftp.status(id, STATUS_CODE.FAILURE, error.message);
  };
  const attributes = (id) => (error, found) => {
    if (error) answer(id)(error);
    else sftp.attrs(id, { ...found, atime: found.atimeMs / 1000, mtime: found.mtimeMs / 1000 });
  };
  sftp.on('end', () => sftp.end());
  sftp.on('REALPATH', (id, name) => {
    const path = require('path').resolve('/', name);
    sftp.name(id, [{ filename: path, longname: path, attrs: {} }]);
  });
  sftp.on('OPEN', (id, name, flags) => {
    const mode = flags & OPEN_MODE.EXCL ? 'wx' : 'w';
    fs.open(name, mode, (error, fd) => (error ? answer(id)(error) : sftp.handle(id, handles.of(fd))));
  });
  sftp.on('WRITE', (id, handle, offset, data) => {
    setTimeout(() => {
      fs.write(handles.fd(handle), data, 0, data.length, offset, answer(id));
    }, DELAY);
  });
  sftp.on('CLOSE', (id, handle) => fs.close(handles.fd(handle), answer(id)));
  sftp.on('FSTAT', (id, handle) => fs.fstat(handles.fd(handle), attributes(id)));
  sftp.on('STAT', (id, name) => fs.stat(name, attributes(id)));
  sftp.on('LSTAT', (id, name) => fs.lstat(name, attributes(id)));
  sftp.on('RENAME', (id, from, to) => fs.rename(from, to, answer(id)));
  sftp.on('REMOVE', (id, name) => fs.unlink(name, answer(id)));
  sftp.on('MKDIR', (id, name) => fs.mkdir(name, answer(id)));
}

new Server({ hostKeys: [fs.readFileSync(hostKey)] }, (client) => {
  client.on('error', () => {});
  let passed = 0; // of the means that are wanted
  const judge = (context, right) => {
    if (right) passed += 1;
    if (passed === wanted.length) context.accept();
    else context.reject([wanted[passed]], right);
  };
  client.on('authentication', (context) => {
    const { method, key, blob, signature, hashAlgo } = context;
    const right = (password) => judge(context, password === process.env.PASSWORD);
    const known = key && allowed.find((each) => key.data.equals(each.getPublicSSH()));
    if (method !== wanted[passed]) judge(context, false);
    else if (method === 'password') right(context.password);
    else if (method === 'keyboard-interactive') context.prompt('Password: ', ([answer]) => right(answer));
    else if (known && !signature) context.accept(); // the client proves it next
    else judge(context, known && known.verify(blob, signature, hashAlgo) === true);
  });
  client.on('session', (accept) => {
    accept().on('sftp', (acceptSftp) => serve(acceptSftp()));
  });
}).listen(Number(port), '127.0.0.1');
