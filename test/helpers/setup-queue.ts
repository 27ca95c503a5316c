/** A Redis of the test's own with models and texts, all gone when the test is. */
import { onTestFinished } from "vitest";
import { FaultyRedis } from "./faulty-redis.js";
import { QueueUnderTest } from "./queue-under-test.js";
import { temporaryFolder } from "./temporary-folder.js";

/** @param options of redis-server */
export async function setUpQueue(
  size: { models: number; texts: number; characters?: number },
  options: readonly string[] = [],
  password: string | null = null,
): Promise<{ redis: FaultyRedis; queue: QueueUnderTest; folder: string }> {
  const folder = temporaryFolder();
  const redis = await FaultyRedis.start(folder, options, password);
  const queue = new QueueUnderTest(redis, folder, size);
  onTestFinished(async () => {
    await queue.close();
    await redis.close();
  });
  return { redis, queue, folder };
}
