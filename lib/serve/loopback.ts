/** Addresses that only programs on this machine can connect to. */
import { isIP } from "node:net";

export const defaultHost = "127.0.0.1";

export const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
