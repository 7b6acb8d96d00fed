// Sends an SMS, follows it until the network has it, and prints the newest messages of the inbox.
//
//     MERPATI_KEY=mrp_… node send.mjs +6281200000002 "Hello"
//
// Needs Node.js 18 or newer, or Deno or Bun. A key belongs on a server, never into a page of a browser.

const base = `${process.env.MERPATI_URL ?? 'http://127.0.0.1:8080'}/api/v1`;
const underWay = ['accepted', 'admitted', 'held', 'released', 'deferred', 'sending'];

/** Makes a call, and returns what it answers. */
async function call(method, path, body, headers = {}) {
  const answer = await fetch(base + path, {
    method,
    headers: {
      Authorization: `Bearer ${process.env.MERPATI_KEY}`,
      'Content-Type': 'application/json',
      ...headers,
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  const read = await answer.json();
  if (!answer.ok) {
    console.error(`${read.code}: ${read.detail}`);
    process.exit(1);
  }
  return read;
}

const [to, text] = process.argv.slice(2);
// Sent again with the same name after a broken connection, it is still one message.
const once = { 'Idempotency-Key': crypto.randomUUID() };
let message = (await call('POST', '/messages', { to, text }, once)).messages[0];
let version = 0;
while (underWay.includes(message.state)) {
  // Answers when something happened, and after 20 seconds in any case.
  message = await call('GET', `/messages/${message.id}?after=${version}`);
  version = message.version;
}
console.log(message.id, message.state);

for (const received of (await call('GET', '/inbox?limit=5')).messages) {
  console.log(received.from, received.text);
}
