/** A website of one word: its name. Arguments: name, address, port. Answers 500 from SIGUSR2 on. */
import { createServer } from 'node:http';

const [name = '', address, port] = process.argv.slice(2);
let status = 200;
process.on('SIGUSR2', () => {
  status = 500;
});
createServer((_, response) => {
  response.writeHead(status, { 'content-type': 'text/html', 'cache-control': 'no-store' });
  response.end(status === 200 ? name : 'broken');
}).listen(Number(port), address);
