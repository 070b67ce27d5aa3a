// An HTTP server that stores uploads, honestly and otherwise: node store.js PORT DIRECTORY LOG.
// The first part of the path says how: /store/NAME, /early/NAME, /flushed/NAME, …
'use strict';
const fs = require('fs');
const http = require('http');
const path = require('path');

const [port, directory, log] = process.argv.slice(2);

function record(request) {
  const { method, url, headers } = request;
  fs.appendFileSync(log, JSON.stringify({ method, path: url, headers }) + '\n');
}

function store(request, name, stored) {
  const part = path.join(directory, '.' + name);
  const file = fs.createWriteStream(part);
  request.pipe(file);
  file.on('finish', () => {
    if (!request.complete) return;
    fs.renameSync(part, path.join(directory, name));
    stored();
  });
}

// Calls back once the half of the body has been read.
function atHalf(request, then) {
  const half = Number(request.headers['content-length']) / 2;
  let read = 0;
  request.on('data', (piece) => {
    read += piece.length;
    if (read >= half) {
      request.removeAllListeners('data');
      request.pause();
      then();
    }
  });
  request.resume();
}

const ways = {
  store(request, response, name) {
    store(request, name, () => { response.statusCode = 201; response.end(); });
  },
  // Answers before it reads; what follows is read and dropped.
  early(request, response) {
    response.end('thanks\n');
  },
  // Sends the head of its answer, then reads on.
  flushed(request, response, name) {
    response.flushHeaders();
    store(request, name, () => response.end('stored\n'));
  },
  // Leads to /store/ in the query's way: /moved/NAME?302
  moved(request, response, name) {
    const [file, code] = name.split('?');
    response.writeHead(Number(code), { Location: `/store/${file}` });
    response.end();
  },
  half(request, response) {
    atHalf(request, () => {
      response.shouldKeepAlive = false;
      response.end('enough\n', () => request.socket.destroy());
    });
  },
  reset(request) {
    atHalf(request, () => request.socket.resetAndDestroy());
  },
};

// Whether the request bears one of the tokens that are taken now.
function allowed({ headers }) {
  if (!process.env.TOKENS) return true;
  const tokens = fs.readFileSync(process.env.TOKENS, 'utf8').trim().split('\n');
  return tokens.some((token) => headers.authorization === `Bearer ${token}`);
}

const server = http.createServer((request, response) => {
  const [, way, name] = request.url.split('/');
  request.on('close', () => record(request));
  if (allowed(request)) ways[way](request, response, name);
  else response.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end();
});
server.keepAliveTimeout = 60000;
server.on('clientError', (_error, socket) => socket.destroy());
server.listen(Number(port), '127.0.0.1');
