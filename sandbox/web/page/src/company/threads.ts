/** Messages in the order in which a chat shows them: by day, replies under what they answer. */

import type { Message } from "../api/types";
import { longDay } from "../shared/times";

export interface Thread {
  root: Message;
  replies: Message[];
}

export interface Day {
  name: string;
  threads: Thread[];
}

export function daysOf(messages: Message[], zone: string): Day[] {
  const days: Day[] = [];
  for (const thread of threadsOf(messages)) {
    const name = longDay(thread.root.at, zone);
    const last = days.at(-1);
    if (last?.name === name) last.threads.push(thread);
    else days.push({ name, threads: [thread] });
  }
  return days;
}

function threadsOf(messages: Message[]): Thread[] {
  const threads = new Map<string, Thread>();
  const inOrder: Thread[] = [];
  for (const message of messages) {
    const above = message.thread === null || message.thread === message.id ? undefined : threads.get(message.thread);
    if (above) above.replies.push(message);
    else {
      const thread = { root: message, replies: [] };
      threads.set(message.id, thread);
      inOrder.push(thread);
    }
  }
  return inOrder;
}
