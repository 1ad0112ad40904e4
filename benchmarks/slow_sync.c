/* Simulates a slow disk: when preloaded, it delays every fsync and fdatasync of the process by BENCH_SYNC_US microseconds. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void wait(void) {
    const char *words = getenv("BENCH_SYNC_US");
    long us = words ? atol(words) : 0;
    struct timespec span = {us / 1000000, us % 1000000 * 1000};
    if (us > 0) nanosleep(&span, NULL);
}

int fsync(int handle) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait();
    return real(handle);
}

int fdatasync(int handle) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait();
    return real(handle);
}
