/* A disk that fails on request: preloaded, it answers chosen calls on a town's files with an error.
 *
 * TONGXIN_DISK names a file of six 32-bit integers, shared with the process that controls it:
 * operations (1 write, 2 sync, 4 length), first call that fails (from 1), error number, how many fail (0: all), calls seen, calls failed. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, LENGTH = 4 };
struct orders { int operations, first, error, times, seen, failed; };
static volatile struct orders *orders;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("TONGXIN_DISK");
    int handle = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (handle < 0) return;
    void *shared = mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
    if (shared != MAP_FAILED) orders = shared;
    close(handle);
}

static int ours(int handle) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    const char *name = strstr(path, "town.db");
    return name && !strstr(name, ".lock") && !strstr(name, ".mark");
}

static int fails(int operation, int handle) {
    if (!orders || !(orders->operations & operation) || !ours(handle)) return 0;
    int number = __sync_add_and_fetch(&orders->seen, 1);
    if (number < orders->first || !orders->error) return 0;
    if (orders->times && number >= orders->first + orders->times) return 0;
    __sync_add_and_fetch(&orders->failed, 1);
    errno = orders->error;
    return 1;
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

ssize_t pwrite64(int handle, const void *data, size_t count, off64_t at) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    return fails(WRITE, handle) ? -1 : real(handle, data, count, at);
}
ssize_t pwrite(int handle, const void *data, size_t count, off_t at) {
    REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
    return fails(WRITE, handle) ? -1 : real(handle, data, count, at);
}
ssize_t write(int handle, const void *data, size_t count) {
    REAL(ssize_t, "write", int, const void *, size_t);
    return fails(WRITE, handle) ? -1 : real(handle, data, count);
}
int fdatasync(int handle) {
    REAL(int, "fdatasync", int);
    return fails(SYNC, handle) ? -1 : real(handle);
}
int fsync(int handle) {
    REAL(int, "fsync", int);
    return fails(SYNC, handle) ? -1 : real(handle);
}
int ftruncate64(int handle, off64_t length) {
    REAL(int, "ftruncate64", int, off64_t);
    return fails(LENGTH, handle) ? -1 : real(handle, length);
}
int ftruncate(int handle, off_t length) {
    REAL(int, "ftruncate", int, off_t);
    return fails(LENGTH, handle) ? -1 : real(handle, length);
}
