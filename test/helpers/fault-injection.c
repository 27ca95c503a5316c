/*
 * File-system faults for tests: preloaded (LD_PRELOAD) into a command, it lets the Nth matching call fail, or kills the process there.
 * fault-injection.ts builds it and says what it is told through the environment:
 *
 *   LLMAP_FAULT_CALLS   which calls: names of groups below, separated by commas
 *   LLMAP_FAULT_PATH    which files: a pattern as in fnmatch(3) with FNM_EXTMATCH; * also matches slashes
 *   LLMAP_FAULT_AT      which of the matching calls, from 1
 *   LLMAP_FAULT_ACTION  log: none, but every matching call is logged; kill-before, kill-after; kill-torn: a write does only a part, then
 *                       the process is killed; fail; fail-torn: a write does only a part, every later matching call fails
 *   LLMAP_FAULT_SHARE   the part, in thousandths of the bytes
 *   LLMAP_FAULT_ERRNO   number of the error
 *   LLMAP_FAULT_LASTING 1: every later matching call fails too, as on a disk that stays full
 *   LLMAP_FAULT_LOG     file that gets a line "CALL PATH" for every fault (or every matching call)
 *
 * Only the process that was started with it is affected: its children are started without it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum action { NO_ACTION, LOG, KILL_BEFORE, KILL_AFTER, KILL_TORN, FAIL, FAIL_TORN };
static const char *const action_names[] = {"", "log", "kill-before", "kill-after", "kill-torn", "fail", "fail-torn"};

static enum action action = NO_ACTION;
static char calls[256];
static char pattern[PATH_MAX];
static char log_path[PATH_MAX];
static long at = 1;
static long share = 500;
static int error_number = EIO;
static bool lasting = false;
static atomic_long matched = 0;

/* The C library's own function behind one of ours. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void copy_setting(const char *name, char *to, size_t size) {
  const char *value = getenv(name);
  snprintf(to, size, "%s", value == NULL ? "" : value);
}

static long number_setting(const char *name, long otherwise) {
  const char *value = getenv(name);
  return value == NULL ? otherwise : strtol(value, NULL, 10);
}

__attribute__((constructor)) static void read_settings(void) {
  const char *name = getenv("LLMAP_FAULT_ACTION");
  copy_setting("LLMAP_FAULT_CALLS", calls, sizeof calls);
  copy_setting("LLMAP_FAULT_PATH", pattern, sizeof pattern);
  copy_setting("LLMAP_FAULT_LOG", log_path, sizeof log_path);
  at = number_setting("LLMAP_FAULT_AT", 1);
  share = number_setting("LLMAP_FAULT_SHARE", 500);
  error_number = (int)number_setting("LLMAP_FAULT_ERRNO", EIO);
  lasting = number_setting("LLMAP_FAULT_LASTING", 0) == 1;
  for (int i = LOG; name != NULL && i <= FAIL_TORN; i++) {
    if (strcmp(name, action_names[i]) == 0) action = (enum action)i;
  }
  unsetenv("LD_PRELOAD");
}

static void write_log(const char *call, const char *path) {
  if (log_path[0] == '\0') return;
  int log = REAL(open)(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) return;
  char line[PATH_MAX + 64];
  int length = snprintf(line, sizeof line, "%s %s\n", call, path);
  (void)!REAL(write)(log, line, (size_t)length);
  close(log);
}

static bool is_among_calls(const char *call) {
  size_t length = strlen(call);
  for (const char *found = calls; (found = strstr(found, call)) != NULL; found += length) {
    char after = found[length];
    if ((found == calls || found[-1] == ',') && (after == '\0' || after == ',')) return true;
  }
  return false;
}

/* What is to happen at this call. NO_ACTION nearly always; LOG is dealt with here. */
static enum action fault_at(const char *call, const char *path) {
  if (action == NO_ACTION || path == NULL || !is_among_calls(call) || fnmatch(pattern, path, FNM_EXTMATCH) != 0) return NO_ACTION;
  long number = atomic_fetch_add(&matched, 1) + 1;
  if (action == LOG) {
    write_log(call, path);
    return NO_ACTION;
  }
  /* The error of a torn write comes with the next one. It must last: libuv takes a part as a success and lets Node write the rest. */
  bool is_later = (lasting || action == FAIL_TORN) && number > at;
  if (number != at && !is_later) return NO_ACTION;
  write_log(call, path);
  return is_later ? FAIL : action;
}

static const char *path_of(int file, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return NULL;
  path[length] = '\0';
  return path;
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static ssize_t fail(void) {
  errno = error_number;
  return -1;
}

/* A call that is done or not done. `call` is evaluated once at most. */
#define WHOLE(group, path, call)                          \
  do {                                                    \
    enum action fault = fault_at(group, path);            \
    if (fault == KILL_BEFORE || fault == KILL_TORN) die(); \
    if (fault == FAIL || fault == FAIL_TORN) return (int)fail(); \
    __typeof__(call) result = call;                       \
    if (fault == KILL_AFTER) die();                       \
    return result;                                        \
  } while (0)

/* A write of `bytes` bytes; `part` writes the first `few` of them. */
#define WRITE(file, bytes, whole, part)                    \
  do {                                                     \
    char place[PATH_MAX];                                  \
    enum action fault = action == NO_ACTION ? NO_ACTION : fault_at("write", path_of(file, place)); \
    if (fault == KILL_BEFORE) die();                       \
    if (fault == FAIL) return fail();                      \
    if (fault == FAIL_TORN || fault == KILL_TORN) {        \
      size_t few = (bytes)*(size_t)share / 1000;           \
      ssize_t written = part;                              \
      if (fault == KILL_TORN) die();                       \
      return written;                                      \
    }                                                      \
    ssize_t result = whole;                                \
    if (fault == KILL_AFTER) die();                        \
    return result;                                         \
  } while (0)

static const char *path_if_written(const char *path, int flags) {
  return (flags & (O_WRONLY | O_RDWR | O_CREAT)) == 0 ? NULL : path;
}

#define OPEN(name)                                                              \
  int name(const char *path, int flags, ...) {                                  \
    va_list rest;                                                               \
    va_start(rest, flags);                                                      \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) == 0 ? 0 : va_arg(rest, mode_t); \
    va_end(rest);                                                               \
    WHOLE("open", path_if_written(path, flags), REAL(name)(path, flags, mode)); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                    \
  int name(int folder, const char *path, int flags, ...) {                              \
    va_list rest;                                                                       \
    va_start(rest, flags);                                                              \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) == 0 ? 0 : va_arg(rest, mode_t);         \
    va_end(rest);                                                                       \
    WHOLE("open", path_if_written(path, flags), REAL(name)(folder, path, flags, mode)); \
  }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int file, const void *buffer, size_t bytes) {
  WRITE(file, bytes, REAL(write)(file, buffer, bytes), REAL(write)(file, buffer, few));
}

#define PWRITE(name, offset_type)                                                                       \
  ssize_t name(int file, const void *buffer, size_t bytes, offset_type offset) {                        \
    WRITE(file, bytes, REAL(name)(file, buffer, bytes, offset), REAL(name)(file, buffer, few, offset)); \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

/* The part of a vector is its first buffer's: enough to be torn. */
#define FIRST(parts, count) ((count) > 0 ? (parts)[0].iov_len : 0)
ssize_t writev(int file, const struct iovec *parts, int count) {
  WRITE(file, FIRST(parts, count), REAL(writev)(file, parts, count), REAL(write)(file, parts[0].iov_base, few));
}

#define PWRITEV(name, pwrite_name, offset_type)                                            \
  ssize_t name(int file, const struct iovec *parts, int count, offset_type offset) {       \
    WRITE(file, FIRST(parts, count), REAL(name)(file, parts, count, offset),               \
          REAL(pwrite_name)(file, parts[0].iov_base, few, offset));                        \
  }
PWRITEV(pwritev, pwrite, off_t)
PWRITEV(pwritev64, pwrite64, off64_t)

#define SYNC(name)                                                                                             \
  int name(int file) {                                                                                         \
    char place[PATH_MAX];                                                                                      \
    WHOLE("sync", action == NO_ACTION ? NULL : path_of(file, place), REAL(name)(file));                         \
  }
SYNC(fsync)
SYNC(fdatasync)

int rename(const char *from, const char *to) { WHOLE("rename", to, REAL(rename)(from, to)); }
int link(const char *from, const char *to) { WHOLE("link", to, REAL(link)(from, to)); }
int unlink(const char *path) { WHOLE("unlink", path, REAL(unlink)(path)); }
int mkdir(const char *path, mode_t mode) { WHOLE("mkdir", path, REAL(mkdir)(path, mode)); }
