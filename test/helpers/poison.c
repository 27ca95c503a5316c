/*
 * Preloaded into a worker: whoever opens a file of a model to load it (fopen, as llama.cpp does) whose path has LLMAP_POISON_LOAD in it is killed, and
 * whoever opens one to read it at all (open, as Node does) whose path has LLMAP_POISON_READ in it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void meet(const char *path, const char *variable) {
  const char *poison = getenv(variable);
  if (poison != NULL && *poison != '\0' && path != NULL && strstr(path, poison) != NULL) kill(getpid(), SIGKILL);
}

FILE *fopen(const char *path, const char *mode) {
  meet(path, "LLMAP_POISON_LOAD");
  FILE *(*next)(const char *, const char *) = dlsym(RTLD_NEXT, "fopen");
  return next(path, mode);
}

FILE *fopen64(const char *path, const char *mode) {
  meet(path, "LLMAP_POISON_LOAD");
  FILE *(*next)(const char *, const char *) = dlsym(RTLD_NEXT, "fopen64");
  return next(path, mode);
}

#define OPEN(name)                                          \
  int name(const char *path, int flags, ...) {              \
    va_list arguments;                                      \
    va_start(arguments, flags);                             \
    mode_t mode = (flags & O_CREAT) ? va_arg(arguments, mode_t) : 0; \
    va_end(arguments);                                      \
    meet(path, "LLMAP_POISON_READ");                        \
    int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, #name); \
    return next(path, flags, mode);                         \
  }
OPEN(open)
OPEN(open64)
