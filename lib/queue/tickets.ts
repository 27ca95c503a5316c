/** The jobs on the queue of tickets. */
import type { BulkJobOptions } from "bullmq";
import type { Ticket } from "./protocol.js";

const tries = 3;
/** Before the second try, milliseconds; twice that before the third. */
const retryDelay = 5000;

/** Names a ticket in one generation of its model; to put one on the queue that is there already does nothing. @param number 0 is the model's first */
export function ticketId({ run, model }: Ticket, generation: number, number: number): string {
  return `${run}-${model}-${generation}-${number}`;
}

export function ticketJob(ticket: Ticket, generation: number, number: number): { name: string; data: Ticket; opts: BulkJobOptions } {
  return {
    name: "ticket",
    data: { run: ticket.run, model: ticket.model },
    opts: {
      jobId: ticketId(ticket, generation, number),
      attempts: tries,
      backoff: { type: "exponential", delay: retryDelay },
      removeOnComplete: true,
      removeOnFail: true,
    },
  };
}
