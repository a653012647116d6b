import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What an Elastic IP does on AWS, on this machine: connections to its address reach whatever holds it. It is a TCP forwarder on a
 * loopback address, so it needs no privilege, and what is behind it sees connections from this machine.
 */
export type Forwarder = {
  /** Sends new connections there, or nowhere; those under way are cut, as they die on AWS. */
  to(address: string | undefined): void;
  close(): Promise<void>;
};

/** Listens on `address` on every one of `ports`. Rejects when one cannot be had. */
export const startForwarder = async (address: string, ports: number[]): Promise<Forwarder> => {
  const open = new Set<Socket>();
  let target: string | undefined;
  const keep = (socket: Socket): Socket => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    return socket;
  };
  // Half open: a client may have said everything and wait for its answer.
  const join = (from: Socket, port: number): void => {
    keep(from);
    // On AWS packets to an address that nothing holds vanish; here the connection breaks, so that nobody has to wait.
    if (target === undefined) return void from.resetAndDestroy();
    const to = keep(connect({ host: target, port, allowHalfOpen: true }));
    from.on('error', () => to.resetAndDestroy());
    to.on('error', () => from.resetAndDestroy());
    from.pipe(to);
    to.pipe(from);
  };
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    const closed = servers.map((server) => once(server, 'close'));
    for (const server of servers) server.close();
    for (const socket of open) socket.destroy();
    await Promise.all(closed);
  };
  for (const port of ports) {
    const server = createServer({ allowHalfOpen: true }, (socket) => join(socket, port));
    server.listen(port, address);
    try {
      await once(server, 'listening');
    } catch (error) {
      await close();
      throw error;
    }
    servers.push(server);
  }
  return {
    to: (next) => {
      if (next === target) return;
      target = next;
      for (const socket of open) socket.destroy();
    },
    close,
  };
};
